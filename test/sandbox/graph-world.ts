import type { GraphNumber, GraphOptions } from "../../src/sandbox/graph/settings.ts";
import { createWorld, type GraphWorld } from "../../src/sandbox/graph/world.ts";
import type { Json } from "../../src/sandbox/read.ts";
import { number, templates } from "./graph-setup.ts";

export const NOW = Date.parse("2026-11-21T10:00:00Z");
export const HOOK = "http://callback.test/hook";

/** A webhook as the world would have posted it. */
export interface Posted {
  url: string;
  headers: Record<string, string>;
  body: Json;
}

/** A world without sockets: what it posts is kept, time and chance are as told. */
export function quietWorld(options: Partial<GraphOptions> = {}) {
  const posted: Posted[] = [];
  const dice = { chances: [] as number[], accepts: true, now: NOW };
  let drawn = 0;
  const random = (bytes: number) => {
    if (bytes !== 4) {
      drawn += 1;
      return Buffer.alloc(bytes, drawn);
    }
    const chance = Buffer.alloc(4);
    chance.writeUInt32BE(Math.floor((dice.chances.shift() ?? 0.5) * 2 ** 32));
    return chance;
  };
  const numbers: GraphNumber[] = options.numbers ?? [number({ callbackUrl: HOOK })];
  const world: GraphWorld = createWorld({
    templates,
    clock: { now: () => dice.now },
    random,
    ...options,
    numbers,
  });
  world.baseUrl = "http://graph.test";
  world.sender = {
    post({ url, body, headers, onAttempt }) {
      posted.push({ url, headers: headers(), body: JSON.parse(body.toString("utf8")) as Json });
      onAttempt({ attempt: 1, status: dice.accepts ? 200 : 500 });
      return Promise.resolve(dice.accepts);
    },
    pending: () => 3,
    stop: () => undefined,
  };
  return { world, posted, dice };
}

/** The value of a webhook's only change. */
export function changeValue(posted: Posted | undefined): Json {
  const entry = (posted?.body["entry"] ?? []) as { changes: { value: Json }[] }[];
  return entry[0]?.changes[0]?.value ?? {};
}
