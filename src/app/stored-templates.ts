import { connectRedis } from "../store/connection.ts";
import { createStore, type Store } from "../store/store.ts";
import { createAudit } from "./audit.ts";
import { attempt, type CheckResult } from "./check-result.ts";
import { operator } from "./operator.ts";
import type { Settings } from "./settings.ts";
import { CANNOT_LIST, openParts, showTemplates } from "./templates.ts";

const clock = { now: Date.now };

/** The stored copy of each channel's templates, with its age: what sending goes by. */
export async function* listStored(settings: Settings): AsyncGenerator<CheckResult> {
  for await (const { templates } of openStore(settings)) {
    for (const name of Object.keys(settings.config.channels)) {
      yield await attempt(`channels.${name}`, async () => {
        const [state, all] = await Promise.all([templates.state(name), templates.all(name)]);
        if (!state || !all) return { lines: ["nothing is stored: sending goes by what WhatsApp answers"] };
        return { lines: [`as the account had them ${ageOf(state.at)}`, ...showTemplates(all)] };
      });
    }
  }
}

/** Asks each channel's account now and stores what it has, for all processes. */
export async function* syncTemplates(settings: Settings): AsyncGenerator<CheckResult> {
  for await (const { templates, audits } of openStore(settings)) {
    const audit = createAudit({ settings: settings.config.audit, audits, by: operator(), clock });
    for await (const { channels } of openParts(settings)) {
      for (const [name, { channel }] of channels) {
        yield await attempt(`channels.${name}`, async () => {
          if (!channel.listTemplates) return { lines: [CANNOT_LIST] };
          const askedAt = clock.now();
          const found = await channel.listTemplates();
          await templates.replace(name, found, askedAt);
          const detail = { templates: String(found.length) };
          await audit.record([name], { what: "templates.synced", detail });
          return { lines: [`${found.length} templates stored`] };
        });
      }
    }
  }
}

function ageOf(at: number): string {
  const minutes = Math.max(0, Math.round((Date.now() - at) / 60_000));
  return minutes === 1 ? "a minute ago" : `${minutes} minutes ago`;
}

/** What is remembered, for as long as the loop's body runs. */
async function* openStore({ config }: Settings): AsyncGenerator<Store> {
  const redis = await connectRedis(config.redis, "operator");
  try {
    yield createStore(redis);
  } finally {
    redis.disconnect();
  }
}
