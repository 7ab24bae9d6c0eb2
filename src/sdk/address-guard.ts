import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector, type Dispatcher } from "undici";
import { bareAddress, embeddedAddress } from "./embedded-address.ts";

/** Where no server of anybody's settings can be: metadata services of clouds, this link, everybody, nobody. */
const never = listOf(
  ["169.254.0.0", 16],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["192.0.0.192", 32],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["0.0.0.0", 8],
  ["fe80::", 10],
  ["fd00:ec2::", 32],
  ["fd20:ce::254", 128],
  ["ff00::", 8],
  ["::", 128],
);

/** What is not reachable from everywhere: RFC 1918, 4193, 6598, loopback, networks for tests and documentation. */
const inside = listOf(
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["fc00::", 7],
  ["fec0::", 10],
  ["2001:db8::", 32],
);

/**
 * Which addresses may be connected to. `configured`: the host of the base address, which the operator has written and
 * which may well be on the premises. `elsewhere`: another host, whose name must not lead inside.
 */
export type Reach = "configured" | "elsewhere";

export const ADDRESS_NOT_ALLOWED = "EADDRNOTALLOWED";

/** Whether a literal address is out of reach, itself or by the IPv4 address that it stands for. */
export function isForbidden(address: string, reach: Reach): boolean {
  const bare = bareAddress(address);
  return [bare, embeddedAddress(bare)].some((each) => each !== undefined && isListed(each, reach));
}

/** Whether a host is such an address: a look-up does not see those. */
export function isForbiddenLiteral(hostname: string, reach: Reach): boolean {
  return isIP(bareAddress(hostname)) !== 0 && isForbidden(hostname, reach);
}

function isListed(address: string, reach: Reach): boolean {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  return never.check(address, family) || (reach === "elsewhere" && inside.check(address, family));
}

/**
 * Connections that look at the very address they are about to be made to, so that a name cannot be one thing when it is
 * checked and another when it is used. The two reaches share none. A number is never looked up: it was written by the
 * operator, and only what nobody means is refused. Deadlines are the caller's.
 */
export function guardedDispatcher(reach: Reach, guard: GuardOptions): Dispatcher {
  const { keepAlive, lookup = systemLookup, clientCertificate } = guard;
  const connect = buildConnector({
    lookup: guardedLookup(reach, lookup as LookupFunction),
    ...tlsOf(clientCertificate),
  } as buildConnector.BuildOptions);
  return new Agent({
    connect(options, callback) {
      if (isForbiddenLiteral(options.hostname, "configured")) callback(refusal(), null);
      else connect(options, callback);
    },
    // One request at a time on a connection: a second would share the fate of the first.
    pipelining: keepAlive ? 1 : 0,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** All as PEM. */
export interface ClientCertificate {
  certificate: string;
  key: string;
  passphrase?: string | undefined;
  /** Signs the server's own certificate, where the system does not know who does. */
  authority?: string | undefined;
}

function tlsOf(given: ClientCertificate | undefined) {
  if (!given) return {};
  const { certificate, key, passphrase, authority } = given;
  return {
    cert: certificate,
    key,
    ...(passphrase ? { passphrase } : {}),
    ...(authority ? { ca: authority } : {}),
  };
}

export interface GuardOptions {
  keepAlive: boolean;
  /** The system's, unless a test has names of its own. */
  lookup?: LookupFunction | typeof systemLookup;
  clientCertificate?: ClientCertificate;
}

function guardedLookup(reach: Reach, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = typeof found === "string" ? [found] : found.map(({ address }) => address);
      // One is enough: whoever answers with a forbidden address beside a good one means no good.
      if (addresses.some((address) => isForbidden(address, reach))) callback(refusal(), []);
      else callback(null, found, family);
    });
  };
}

function refusal(): NodeJS.ErrnoException {
  return Object.assign(new Error("the address is not allowed"), { code: ADDRESS_NOT_ALLOWED });
}

function listOf(...subnets: [string, number][]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(":") ? "ipv6" : "ipv4");
  return list;
}
