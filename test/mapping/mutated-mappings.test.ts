import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { seededRandom } from "../../scripts/chaos/random.ts";
import { mappingSamples } from "../../scripts/mapping-samples.ts";
import { type MappingKind, mappingKinds } from "../../src/domain/records.ts";
import { recordSchemas } from "../../src/mapping/check-record.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

/**
 * S24: mappings with an author's slips in them, and messages as nobody sends them. `MUTATED_MAPPINGS=20000` tries more,
 * `SEED=…` the same ones again.
 */
const count = Number(process.env["MUTATED_MAPPINGS"] ?? 2000);
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
vi.setConfig({ testTimeout: 60_000 + count * 60 });

interface Source {
  kind: MappingKind;
  file: string;
  tokens: string[];
}

/** Texts, names, numbers and signs, with the space between them. */
const tokensOf = (text: string) => text.match(/"(?:[^"\\]|\\.)*"|\$?\w+|\s+|[^\w\s]/g) ?? [];

const sources = readdirSync("mappings").flatMap((name) =>
  mappingKinds.flatMap((kind): Source[] => {
    const file = join("mappings", name, `${kind}.jsonata`);
    const isThere = readdirSync(join("mappings", name)).includes(`${kind}.jsonata`);
    return isThere ? [{ kind, file, tokens: tokensOf(readFileSync(file, "utf8")) }] : [];
  }),
);
const words = [...new Set(sources.flatMap(({ tokens }) => tokens))].filter((token) => token.trim() !== "");
const strange: unknown[] = [
  null,
  true,
  -0,
  1e308,
  "",
  " ",
  "\ud800",
  "\u202e\u0000",
  "x".repeat(5000),
  [],
  [[]],
  [1, "2", null],
  {},
  { name: { name: {} } },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as unknown,
];

let mapper: Mapper;
beforeAll(() => {
  mapper = createMapper({ children: 2 });
});
afterAll(() => mapper.close());

const random = seededRandom(seed);
const below = (limit: number) => Math.floor(random() * limit);
const oneOf = <T>(list: readonly T[]): T => {
  const found = list[below(list.length)];
  if (found === undefined && list.length === 0) throw new Error("nothing to choose from");
  return found as T;
};

/** One to three slips: left out, doubled, changed for something from another mapping, put in, exchanged. */
function slipped(tokens: readonly string[]): string {
  const text = [...tokens];
  for (let slips = 1 + below(3); slips > 0; slips -= 1) {
    const at = below(text.length);
    const other = below(text.length);
    const slip: () => unknown = oneOf([
      () => text.splice(at, 1),
      () => text.splice(at, 0, text[at] ?? ""),
      () => text.splice(at, 1, oneOf(words)),
      () => text.splice(at, 0, oneOf(words)),
      () => ([text[at], text[other]] = [text[other] ?? "", text[at] ?? ""]),
    ]);
    slip();
  }
  return text.join("");
}

/** The input with some of its values changed for strange ones, or gone. */
function disturbed(input: unknown): unknown {
  if (random() < 0.08) return oneOf(strange);
  if (Array.isArray(input)) return input.map(disturbed);
  if (typeof input !== "object" || input === null) return input;
  const fields = Object.entries(input).filter(() => random() > 0.05);
  return Object.fromEntries(fields.map(([name, value]) => [name, disturbed(value)]));
}

test(`${count} changed mappings with changed messages make a record that is right, or an error that says where`, async () => {
  process.stdout.write(`mutated mappings: SEED=${seed}\n`);
  const samples = mappingSamples().map(({ input }) => input);
  let records = 0;
  for (let tried = 0; tried < count; tried += 1) {
    const { kind, file, tokens } = oneOf(sources);
    const source = random() < 0.2 ? tokens.join("") : slipped(tokens);
    const input = disturbed({ ...oneOf(samples), ticket: { id: "1", status: "open", customFields: {} } });
    const ended = await mapper.mapSource(file, source, input).then(
      ({ record }) => ({ record }),
      (error: unknown) => ({ error }),
    );
    const told = `seed ${seed}, try ${tried}, ${file}:\n${source}\n${JSON.stringify(input)}`;
    if ("error" in ended) {
      expect(ended.error, told).toBeInstanceOf(MappingError);
      continue;
    }
    records += 1;
    const parsed = recordSchemas[kind].safeParse(ended.record);
    expect(parsed.success ? parsed.data : parsed.error.message, told).toEqual(ended.record);
    expect(JSON.parse(JSON.stringify(ended.record)), told).toEqual(ended.record);
    expect(JSON.stringify(ended.record), told).not.toMatch(/"(?:__proto__|constructor)"/);
  }
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  // Else it has tried nothing but what does not even compile.
  expect(records).toBeGreaterThan(count / 20);
  expect(records).toBeLessThan(count);
  const [good] = samples;
  const { record } = await mapper.mapFile("mappings/sandbox/comment.jsonata", good);
  expect(record).toMatchObject({ visibility: "public" });
});
