import { readFile } from "node:fs/promises";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { MappingError } from "./errors.ts";
import { type MachinePace, machinePace } from "./machine-pace.ts";
import type { Mapper } from "./mapper.ts";

const part = z.union([
  z.string(),
  z.strictObject({ text: z.string(), times: z.int().min(1).max(1_000_000) }),
]);

const hostileCase = z.strictObject({
  group: z.string().min(1),
  name: z.string().min(1),
  /** A text, or parts of which some are repeated: what is hostile by its length alone. */
  source: z.union([z.string(), z.array(part)]),
  input: z.unknown().optional(),
  /** Where it must end: refused when loaded or when evaluated, or carried out without harm. */
  ends: z.enum(["load", "evaluate", "harmless"]),
  /** Regular expression that the refusal must match. */
  says: z.string().optional(),
  /** What a harmless one must make. */
  record: z.unknown().optional(),
});

/** An expression for contact.jsonata that was written to harm, and how it must end. */
export type HostileCase = z.output<typeof hostileCase>;

export interface AttackResult {
  case: HostileCase;
  /** From handing it over to the verdict, in milliseconds. */
  verdictMs: number;
  /** Longest time for which this process did nothing else because of it, in milliseconds. */
  lagMs: number;
  /** More than one when it was late at first. */
  tries: number;
  /** What was said, or the record as JSON. */
  answer: string;
  /** Why it did not end as it must; absent when all is well. */
  failure?: string;
  /** It ended as it must and was late at each try, and the machine was too: nothing is known of its time. */
  notMeasured?: "machine starved";
}

/** The promise: whatever a mapping does, it is ended within this time, and the process that asked never stands still. */
export const MAX_VERDICT_MS = 400;
export const MAX_LAG_MS = 50;
/** A machine busy with something else is late too; an expression that is at fault is late each time. */
const MAX_TRIES = 3;
/** So few not measured say nothing against the others; with more the whole run says nothing. */
export const MAX_NOT_MEASURED = 3;

/** Where the published set is; built or not. */
export const hostileExpressions = new URL("./hostile-expressions.json", import.meta.url);

/** Throws what is wrong with the file. */
export async function readHostileCases(file: URL | string): Promise<HostileCase[]> {
  return z
    .array(hostileCase)
    .min(1)
    .parse(JSON.parse(await readFile(file, "utf8")));
}

const SAMPLE = {
  channel: "city",
  person: { name: "Amina", phone: "+254700000001" },
  message: { text: "Hello" },
};
/** Shows what an attack would leave behind for the next mapping in the same process. */
const NEIGHBOUR = `{"name": person.name, "custom": $merge([{"is": $sum([1, 2])}, {}.polluted, $spread({}).polluted])}`;
const UNTOUCHED = { name: "Amina", custom: { is: 3 } };

/** Runs each case in the mapper's children, one after the other, and after each an innocent mapping. */
export async function* attack(
  mapper: Mapper,
  cases: readonly HostileCase[],
  pace: MachinePace = machinePace,
): AsyncGenerator<AttackResult> {
  for (const hostile of cases) yield attackUntilInTime(mapper, hostile, pace);
}

/** The bound stays what it is on any machine; a starved one only keeps a late verdict from counting. */
async function attackUntilInTime(
  mapper: Mapper,
  hostile: HostileCase,
  pace: MachinePace,
): Promise<AttackResult> {
  let wasStarved = true;
  for (let tries = 1; ; tries += 1) {
    const result = { ...(await attackOnce(mapper, hostile)), tries };
    if (result.failure !== undefined || !isLate(result)) return result;
    wasStarved = pace.isStarved() && wasStarved;
    if (tries < MAX_TRIES) await pace.rest();
    else if (wasStarved) return { ...result, notMeasured: "machine starved" };
    else return { ...result, failure: "it took longer than promised" };
  }
}

function isLate({ verdictMs, lagMs }: AttackResult): boolean {
  return verdictMs > MAX_VERDICT_MS || lagMs > MAX_LAG_MS;
}

async function attackOnce(mapper: Mapper, hostile: HostileCase): Promise<AttackResult> {
  const source = sourceOf(hostile);
  // Waits until a child is there: what is measured is the verdict, not the start of a process.
  await mapper.mapSource("contact.jsonata", NEIGHBOUR, SAMPLE);
  const stopWatching = watchLoop();
  const start = performance.now();
  const end = await endOf(mapper.mapSource("contact.jsonata", source, hostile.input ?? SAMPLE));
  const verdictMs = performance.now() - start;
  const lagMs = await stopWatching();
  const { record } = await mapper.mapSource("contact.jsonata", NEIGHBOUR, SAMPLE);
  const isUntouched = isDeepStrictEqual(record, UNTOUCHED) && !("polluted" in {});
  const failure = isUntouched ? failureOf(hostile, end) : "it left something behind for the next mapping";
  const result = { case: hostile, verdictMs, lagMs, tries: 1, answer: end.answer };
  return failure === undefined ? result : { ...result, failure };
}

interface End {
  as: HostileCase["ends"];
  answer: string;
  record?: unknown;
}

async function endOf(mapping: Promise<{ record: unknown }>): Promise<End> {
  try {
    const { record } = await mapping;
    return { as: "harmless", answer: JSON.stringify(record), record };
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return { as: error.kind === "compile" ? "load" : "evaluate", answer: error.message };
  }
}

function failureOf({ ends, says, record }: HostileCase, end: End): string | undefined {
  if (end.as !== ends) return `it ended as "${end.as}" instead of "${ends}"`;
  if (says !== undefined && !new RegExp(says, "i").test(end.answer))
    return `the refusal does not say ${says}`;
  if (
    ends !== "harmless" ||
    isDeepStrictEqual({ custom: {}, ...(end.record as object) }, { custom: {}, ...(record as object) })
  )
    return undefined;
  return `it made another record than ${JSON.stringify(record)}`;
}

function sourceOf({ source }: HostileCase): string {
  if (typeof source === "string") return source;
  return source.map((item) => (typeof item === "string" ? item : item.text.repeat(item.times))).join("");
}

/** The function returned gives the longest lag since; only what this process itself worked can be its own fault. */
function watchLoop(): () => Promise<number> {
  const resolution = 5;
  const delay = monitorEventLoopDelay({ resolution });
  const before = process.cpuUsage();
  delay.enable();
  return async () => {
    // One more turn, so that a block at the very end is seen too.
    await sleep(resolution);
    delay.disable();
    const { user, system } = process.cpuUsage(before);
    return Math.max(0, Math.min(delay.max / 1e6 - resolution, (user + system) / 1000));
  };
}
