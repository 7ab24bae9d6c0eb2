import type { Finding } from "./cross-checks.ts";
import type { Config } from "./schema.ts";
import { isLoopback } from "./server-settings.ts";
import type { SettingPath } from "./setting-path.ts";

/**
 * What the strict profile demands and these settings do not give. It changes nothing by itself: what is in force is what
 * the file says, for everybody who reads it. Reasons: docs/strict.md.
 */
export function strictFindings(config: Config): Finding[] {
  if (config.profile !== "strict") return [];
  return [
    ...serverAndRedis(config),
    ...routes(config),
    ...filesAndLogs(config),
    ...plainAddresses(["channels"], settingsOf(config.channels)),
    ...plainAddresses(["connections"], settingsOf(config.connections)),
  ];
}

function demand(isMet: boolean, path: SettingPath, reason: string, remedy: string): Finding[] {
  return isMet ? [] : [{ path, reason: `the strict profile: ${reason}`, remedy }];
}

function serverAndRedis({ server, redis, encryption }: Config): Finding[] {
  const isPrivate = (redis.cluster ?? [redis.url ?? ""]).every(isPrivateAddress);
  return [
    ...demand(
      isPrivate,
      ["redis", redis.cluster ? "cluster" : "url"],
      "messages would cross the network in clear",
      "Use rediss:// (TLS)",
    ),
    ...demand(!redis.allowUnsafe, ["redis", "allowUnsafe"], "messages could be lost", "Remove it"),
    ...demand(
      !server.publicMetrics,
      ["server", "publicMetrics"],
      "figures would be for everybody",
      "Remove it, and give Prometheus a token: deskferry token create --scope metrics:read",
    ),
    ...demand(
      encryption !== undefined,
      ["encryption"],
      "messages would stand in Redis in clear",
      "Add encryption.keys and nameKey; `deskferry keys new` makes them",
    ),
  ];
}

function isPrivateAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "rediss:" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

function routes({ routes: all }: Config): Finding[] {
  return all.flatMap((route, index) => [
    ...demand(
      route.atMostOnce,
      ["routes", index, "atMostOnce"],
      "a message might be sent twice after an unclear end",
      "Set atMostOnce: true; staff are told of what stayed unclear",
    ),
    ...demand(
      route.optOut.enabled,
      ["routes", index, "optOut", "enabled"],
      "a STOP would be ignored",
      "Remove enabled: false",
    ),
  ]);
}

/** DPDP rule 6 and others: traffic logs for a year. */
const LEAST_AUDIT_DAYS = 365;

function filesAndLogs({ files, audit, recording }: Config): Finding[] {
  return [
    ...demand(
      files.stripMetadata,
      ["files", "stripMetadata"],
      "pictures would tell where they were taken",
      "Set stripMetadata: true",
    ),
    ...demand(
      files.refuse.length === 5,
      ["files", "refuse"],
      "dangerous files would be carried",
      "Remove it: the default refuses all kinds",
    ),
    ...demand(
      audit.secret !== undefined,
      ["audit", "secret"],
      "the audit log could be made anew unnoticed",
      "Add a secret of 32 characters or more, from a variable or a secret file",
    ),
    ...demand(
      audit.keepDays >= LEAST_AUDIT_DAYS,
      ["audit", "keepDays"],
      "the audit log must reach back a year",
      `Write ${LEAST_AUDIT_DAYS} or more, or remove it (400)`,
    ),
    ...demand(
      !recording.enabled,
      ["recording", "enabled"],
      "what people wrote would be recorded, if anonymised",
      "Remove it; record where the data is not real",
    ),
  ];
}

function settingsOf(entries: Config["channels"] | Config["connections"]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).map(([name, { settings }]) => [name, settings]));
}

/** Addresses of others that would be called without TLS, wherever a plugin's settings have them. */
function plainAddresses(path: SettingPath, value: unknown): Finding[] {
  if (typeof value === "string" && /^http:\/\//i.test(value)) {
    const host = URL.canParse(value) ? new URL(value).hostname.replace(/^\[|\]$/g, "") : "";
    return demand(isLoopback(host), path, "this would be called without TLS", "Use an https:// address");
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    plainAddresses([...path, Array.isArray(value) ? Number(key) : key], inner),
  );
}
