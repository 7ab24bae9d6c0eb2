import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPayloadInput } from "../../src/app/payload-input.ts";
import { channelTypes } from "../../src/channels/registry.ts";
import type { HelpdeskEvent } from "../../src/domain/event.ts";
import type { ConfirmationInput } from "../../src/domain/mapping-input.ts";
import { type MappingKind, mappingKinds } from "../../src/domain/records.ts";
import { compile, evaluate, type Program } from "../../src/mapping/evaluate.ts";
import { readLookups } from "../../src/mapping/lookups/read-lookups.ts";
import { createPool, type Pool } from "../../src/mapping/pool.ts";
import type { Verdict } from "../../src/mapping/protocol.ts";
import type { Work } from "../../src/mapping/worker.ts";
import { person } from "../support/builders.ts";

/** Differential: what a starter mapping gives in a locked-down child is what it gives here, to the letter, errors too. */
const LIMIT_MS = 5000;
const payloads = path.resolve("test/payloads");
const scratch = mkdtempSync(path.join(tmpdir(), "golden-"));
let pool: Pool;

beforeAll(() => {
  pool = createPool({ children: 1, timeoutMs: LIMIT_MS, memoryMb: 64 });
});
afterAll(async () => {
  await pool.close();
  rmSync(scratch, { recursive: true });
});

interface Golden {
  name: string;
  payload?: unknown;
  form?: Record<string, string>;
  expected: HelpdeskEvent[];
}

function goldensOf(folder: string): Golden[] {
  const files = readdirSync(path.join(payloads, folder)).filter((file) => file.endsWith(".json"));
  return files.map((file) => JSON.parse(readFileSync(path.join(payloads, folder, file), "utf8")));
}

/** Every message of every golden payload, as a mapping file of this kind sees it. */
async function messageInputs(kind: MappingKind): Promise<object[]> {
  const inputs: object[] = [];
  for (const [channelType, { parse }] of Object.entries(channelTypes)) {
    for (const [index, { payload, form }] of goldensOf(channelType).entries()) {
      const body = form ? new URLSearchParams(form).toString() : JSON.stringify(payload);
      const file = `${channelType}-${index}.json`;
      writeFileSync(path.join(scratch, file), body);
      const count = parse(Buffer.from(body)).events.filter(({ type }) => type === "message.received").length;
      for (let message = 0; message < count; message += 1) {
        const reference = { file, message, channelType, channel: "city" };
        inputs.push(await readPayloadInput(reference, { folder: scratch, kind }));
      }
    }
  }
  return inputs;
}

/** Every change of a ticket in the golden payloads of helpdesks, as handle-change.ts shows it. */
function confirmationInputs(): ConfirmationInput[] {
  const events = goldensOf("request-tracker").flatMap(({ expected }) => expected);
  const changes = events.filter((event) => event.type === "ticket.changed");
  return changes.flatMap(({ type, to, at, from, ticket }) =>
    (["open", "closed"] as const).map((window) => ({
      channel: "city",
      person: person(1),
      event: { type, to, at, ...(from ? { from } : {}) },
      ticket,
      window,
    })),
  );
}

/** What no payload gives, so that errors are compared as well. */
const broken: object[] = [
  {},
  { person: null, message: null, event: null, ticket: null },
  { person: { phone: 4711, name: ["a"] }, message: { text: 4711, type: {} }, ticket: { id: {}, subject: 1 } },
  { person: { name: {} }, message: { text: "x".repeat(70_000), type: "text" }, event: { to: "solved" } },
];

async function inputsOf(kind: MappingKind): Promise<object[]> {
  const real = kind === "confirmation" ? confirmationInputs() : await messageInputs(kind);
  return [...real, ...broken];
}

interface Loaded {
  work: Work;
  program: Program;
}

async function load(folder: string, kind: MappingKind): Promise<Loaded | undefined> {
  const file = path.join(folder, `${kind}.jsonata`);
  if (!existsSync(file)) return undefined;
  const source = readFileSync(file, "utf8");
  const lookups = await readLookups(folder, (name) => name);
  const compiled = compile(source, lookups && JSON.parse(lookups.text));
  if (!compiled.ok) throw new Error(compiled.failure.reason);
  return {
    work: { version: file, source, ...(lookups ? { lookups } : {}) },
    program: compiled.program,
  };
}

/** The ticket's record, which a route sees. */
async function withTicket(input: object, folder: string): Promise<object> {
  const ticket = await load(folder, "ticket");
  const verdict = ticket && (await evaluate(ticket.program, input, { timeoutMs: LIMIT_MS }));
  return verdict?.ok && verdict.result ? { ...input, ticket: JSON.parse(verdict.result) } : input;
}

test.each(readdirSync("mappings"))(
  "the starter mapping for %s gives the same in a child as in this process, for every golden payload",
  async (name) => {
    const folder = path.resolve("mappings", name);
    const counts = { records: 0, nothing: 0, errors: 0 };
    for (const kind of mappingKinds) {
      const loaded = await load(folder, kind);
      if (!loaded) continue;
      for (const given of await inputsOf(kind)) {
        const input = kind === "route" ? await withTicket(given, folder) : given;
        const text = JSON.stringify(input);
        const here = await evaluate(loaded.program, JSON.parse(text), { timeoutMs: LIMIT_MS });
        const there = await pool.run({ ...loaded.work, input: text });
        expect(there, `${kind} of ${text.slice(0, 300)}`).toEqual(here);
        counts[outcomeOf(there)] += 1;
      }
    }
    process.stdout.write(`child or in process, ${name}: the same ${JSON.stringify(counts)}\n`);
    expect(counts.records).toBeGreaterThan(200);
    expect(counts.errors).toBeGreaterThan(3);
  },
  60_000,
);

function outcomeOf(verdict: Verdict): "records" | "nothing" | "errors" {
  if (!verdict.ok) return "errors";
  return verdict.result === undefined ? "nothing" : "records";
}
