import type { Config } from "../config/schema.ts";
import { tryScanner } from "../inbound/scan-file.ts";
import type { Connector } from "../sdk/connector.ts";
import { clusterLayout } from "../store/cluster-layout.ts";
import { connectRedis } from "../store/connection.ts";
import { unsafeSettings } from "../store/unsafe-settings.ts";
import { createLogger } from "../telemetry/logger.ts";
import { attempt, type CheckResult, type Look } from "./check-result.ts";
import { createParts } from "./parts.ts";
import type { Settings } from "./settings.ts";
import { checkRouteTemplates } from "./templates.ts";

/** Tries everything that the settings name: Redis, mappings, connections, channels; yields as each one is known. */
export async function* checkSettings({ config, plugins }: Settings): AsyncGenerator<CheckResult> {
  const parts = createParts(config, plugins, { logger: createLogger("silent"), clock: { now: Date.now } });
  try {
    yield await attempt("redis", () => checkRedis(config));
    const { scan } = config.files;
    if (scan) {
      yield await attempt("files.scan", async () => {
        await tryScanner(scan);
        return { lines: ["answers as clamd does"] };
      });
    }
    for (const folder of new Set(config.routes.map((route) => route.mapping))) {
      yield await attempt(`mapping ${folder}`, async () => {
        await parts.mapper.load(folder);
        return { lines: ["compiles"] };
      });
    }
    for (const [name, connector] of parts.connectors) {
      yield await attempt(`connections.${name}`, async () =>
        withLeftOut(connector, await tryConnection(connector)),
      );
    }
    for (const [name, { channel }] of parts.channels) {
      yield await attempt(`channels.${name}`, () => tryConnection(channel));
    }
    yield* checkRouteTemplates(parts);
  } finally {
    await parts.close();
  }
}

async function tryConnection(side: { checkConnection?(): Promise<string[]> }): Promise<Look> {
  return { lines: (await side.checkConnection?.()) ?? ["cannot be tried"] };
}

/** What mapping files may give and this helpdesk has no place for, before anybody misses it. */
function withLeftOut({ capabilities }: Connector, { lines }: Look): Look {
  const { unsupportedTicketFields: fields = [] } = capabilities;
  return {
    lines: fields.length > 0 ? [...lines, `has no place for a ticket's ${fields.join(", ")}`] : lines,
  };
}

async function checkRedis({ redis: address, profile, channels }: Config): Promise<Look> {
  const redis = await connectRedis(address, "intake");
  try {
    const unsafe = await unsafeSettings(redis, { everyWrite: profile === "strict" });
    const layout = await clusterLayout(redis, Object.keys(channels), address.waitReplicas);
    const faults = [...unsafe, ...(layout?.faults ?? [])];
    if (faults.length > 0) throw new Error(faults.join("; "));
    return { lines: ["answers, keeps an append-only file, evicts nothing", ...(layout?.lines ?? [])] };
  } finally {
    redis.disconnect();
  }
}
