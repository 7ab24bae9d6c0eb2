import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Where no server of anybody's settings can be: metadata services of clouds, this link, everybody, nobody. */
const never = listOf(
  ["169.254.0.0", 16],
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["0.0.0.0", 8],
  ["fe80::", 10],
  ["fd00:ec2::254", 128],
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
  ["fc00::", 7],
  ["2001:db8::", 32],
);

/**
 * Which addresses may be connected to. `configured`: the host of the base address, which the operator has written and
 * which may well be on the premises. `elsewhere`: another host, whose name must not lead inside.
 */
export type Reach = "configured" | "elsewhere";

export const ADDRESS_NOT_ALLOWED = "EADDRNOTALLOWED";

/** Whether a literal address is out of reach. */
export function isForbidden(address: string, reach: Reach): boolean {
  const plain = withoutV4Prefix(address);
  const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
  return never.check(plain, family) || (reach === "elsewhere" && inside.check(plain, family));
}

/**
 * Agents that look at the very address they are about to connect to, so that a name cannot be one thing when it is
 * checked and another when it is used. The two reaches share no sockets. Names only: a literal address is never looked up.
 */
export function guardedAgents(reach: Reach, guard: GuardOptions) {
  const { keepAlive, lookup = systemLookup, clientCertificate } = guard;
  const options = { keepAlive, lookup: guardedLookup(reach, lookup as LookupFunction) };
  return {
    httpAgent: new HttpAgent(options),
    httpsAgent: new HttpsAgent({ ...options, ...tlsOf(clientCertificate) }),
  };
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
      const addresses: LookupAddress[] =
        typeof found === "string" ? [{ address: found, family: family ?? 0 }] : (found ?? []);
      // One is enough: whoever answers with a forbidden address beside a good one means no good.
      if (!error && addresses.some(({ address }) => isForbidden(address, reach))) {
        const refusal = new Error("the name leads to an address that is not allowed");
        callback(Object.assign(refusal, { code: ADDRESS_NOT_ALLOWED }), []);
      } else callback(error, found, family);
    });
  };
}

/** `::ffff:10.0.0.1` is 10.0.0.1, also as `::ffff:a00:1`. */
function withoutV4Prefix(address: string): string {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (dotted) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(bare) ?? [];
  if (high === undefined || low === undefined) return bare;
  const bytes = [high, low].flatMap((part) => {
    const value = Number.parseInt(part, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
}

function listOf(...subnets: [string, number][]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, net.includes(":") ? "ipv6" : "ipv4");
  return list;
}
