import { readFileSync } from "node:fs";
import type { Redis } from "./redis.ts";

/** Our Lua scripts, each a file beside its callers, and how many keys it takes. */
const scripts = {
  append: 1,
  keep: 1,
  trace: 1,
  begin: 1,
  postpone: 1,
  pop: 1,
  exchange: 1,
  release: 1,
  replay: 1,
  receipt: 1,
  withdraw: 1,
  intend: 1,
  "note-steps": 1,
  "link-ticket": 1,
  "note-status": 1,
  lease: 1,
  probe: 1,
  "probe-now": 1,
  "claim-undelivered": 1,
  pace: 2,
  "call-turn": 2,
  "call-pause": 1,
  consent: 1,
  record: 1,
  "claim-refresh": 1,
  "template-news": 1,
  audit: 1,
  "drop-entries": 1,
  "re-encrypt": 1,
  "drop-quarantined": 1,
} as const;

export type ScriptName = keyof typeof scripts;

/** The command name under which a connection knows a script; for use inside a MULTI. */
export function scriptCommand(name: ScriptName): string {
  return `deskferry-${name}`;
}

/** Teaches a connection our scripts; ioredis sends EVALSHA and loads what the server does not know. */
export function defineScripts(redis: Redis): void {
  for (const [name, numberOfKeys] of Object.entries(scripts)) {
    const lua = readFileSync(new URL(`./${name}.lua`, import.meta.url), "utf8");
    redis.defineCommand(`deskferry-${name}`, { numberOfKeys, lua });
  }
}

type Command = (...args: (string | number)[]) => Promise<unknown>;

/** Runs one of our scripts by itself. */
export function runScript(redis: Redis, name: ScriptName, args: (string | number)[]): Promise<unknown> {
  // defineCommand adds methods that the types cannot know.
  const command = (redis as unknown as Record<string, Command>)[scriptCommand(name)];
  if (!command) throw new Error(`script ${name} is not defined on this connection`);
  return command.apply(redis, args);
}
