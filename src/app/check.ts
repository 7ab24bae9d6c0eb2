import { asFailure } from "../domain/failure.ts";
import { connectRedis, unsafeSettings } from "../store/connection.ts";
import { createLogger } from "../telemetry/logger.ts";
import { createParts } from "./parts.ts";
import type { Settings } from "./settings.ts";

export interface CheckResult {
  /** `channels.city`, `redis`, `mapping mappings/sandbox` … */
  what: string;
  /** What was found; one line each. */
  lines: string[];
  /** Why it will not work; empty when all is well. */
  problems: string[];
}

/** Tries everything that the settings name: Redis, mappings, connections, channels; yields as each one is known. */
export async function* checkSettings({ config, plugins }: Settings): AsyncGenerator<CheckResult> {
  const parts = createParts(config, plugins, { logger: createLogger("silent"), clock: { now: Date.now } });
  try {
    yield await attempt("redis", () => checkRedis(config.redis.url));
    for (const folder of new Set(config.routes.map((route) => route.mapping))) {
      yield await attempt(`mapping ${folder}`, async () => {
        await parts.mapper.load(folder);
        return ["compiles"];
      });
    }
    for (const [name, connector] of parts.connectors) {
      yield await attempt(
        `connections.${name}`,
        async () => (await connector.checkConnection?.()) ?? ["cannot be tried"],
      );
    }
    for (const [name, { channel }] of parts.channels) {
      yield await attempt(
        `channels.${name}`,
        async () => (await channel.checkConnection?.()) ?? ["cannot be tried"],
      );
    }
  } finally {
    await parts.mapper.close();
  }
}

async function checkRedis(url: string): Promise<string[]> {
  const redis = await connectRedis(url, "intake");
  try {
    const unsafe = await unsafeSettings(redis);
    if (unsafe.length > 0) throw new Error(unsafe.join("; "));
    return ["answers, keeps an append-only file, evicts nothing"];
  } finally {
    redis.disconnect();
  }
}

async function attempt(what: string, run: () => Promise<string[]>): Promise<CheckResult> {
  try {
    return { what, lines: await run(), problems: [] };
  } catch (error) {
    const failure = asFailure(error);
    const reason = failure?.operatorMessage ?? (error instanceof Error ? error.message : "unknown error");
    return { what, lines: [], problems: [reason] };
  }
}
