import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MappingError, MappingLoadError } from "../../src/mapping/errors.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

/** Expressions written to harm, and what the refusal must say. The parent and its other mappings must live on. */
const hostile: Record<string, { source: string; says: RegExp }> = {
  "recursion without end": {
    source: `($f := function($n) { 1 + $f($n + 1) }; {"name": $string($f(0))})`,
    says: /recursive|recursion/i,
  },
  "tail recursion without end": {
    source: `($f := function($n) { $f($n + 1) }; {"name": $string($f(0))})`,
    says: /took too long/i,
  },
  "mutual recursion without end": {
    source: `($a := function($n) { $b($n) }; $b := function($n) { $a($n) & "x" }; {"name": $a(1)})`,
    says: /recursive|recursion/i,
  },
  "a range of ten million": { source: `{"name": $string($sum([1..10000000]))}`, says: /sequence/i },
  "a product of ranges": {
    source: `{"name": $string($count([1..9000].([1..9000].([1..9000]))))}`,
    says: /sequence|took too long|memory/i,
  },
  "text doubled sixty times": {
    source: `($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; {"name": $d("xx", 60)})`,
    says: /too long a text|memory|took too long/i,
  },
  "padding of 200 MB": {
    source: `{"name": $pad("x", 2e8)}`,
    says: /memory|took too long|more than|too long/i,
  },
  "padding beyond any string": { source: `{"name": $pad("x", 1e12)}`, says: /too long a text|memory|took/i },
  "a list of long texts": {
    source: `{"name": $join([1..9000].$pad("x", 100000))}`,
    says: /memory|took too long|too long a text|timeout/i,
  },
  "an oversized result": { source: `{"name": $pad("x", 70000)}`, says: /more than 65536 characters/ },
  "too deep a result": {
    source: `($f := function($n) { $n = 0 ? "x" : {"a": $f($n - 1)} }; {"name": "x", "custom": $f(30)})`,
    says: /nested deeper/,
  },
  "a function in the result": { source: `{"name": $sum}`, says: /function/ },
  "a lambda in the result": { source: `{"name": function($x) { $x }}`, says: /function/ },
  "a key __proto__": {
    source: `{"name": "x", "custom": {"__proto__": {"polluted": "yes"}}}`,
    says: /__proto__|no field|custom/,
  },
  "a merge onto __proto__": {
    source: `($merge([{"__proto__": {"polluted": "yes"}}]); {"name": $string({}.polluted), "x": 1})`,
    says: /name|x/,
  },
  "a look-up of the constructor": {
    source: `{"name": $lookup($sum, "constructor")("return process")()}`,
    says: /non-function|inside JSONata|evaluate/i,
  },
  "a path to the constructor": {
    source: `{"name": $string($string.constructor.constructor("return process.pid")())}`,
    says: /expected string, received undefined/,
  },
  "code made from text": { source: `{"name": $eval("1+1")}`, says: /\$eval is switched off/ },
  "nested quantifiers": {
    source: `{"name": $string($contains($pad("", 40, "a") & "!", /(a+)+$/)), "no": 1}`,
    says: /there is no field/,
  },
  "alternation that overlaps": {
    source: `{"name": $string($contains($pad("", 5000, "a") & "!", /(a|a|aa)*b/)), "no": 1}`,
    says: /there is no field/,
  },
  "a sort that never agrees": {
    source: `{"name": $string($count($sort([1..9000], function($a, $b) { $random() > 0.5 })))}`,
    says: /took too long|no field|recurs/i,
  },
  infinity: { source: `{"name": "x", "custom": {"n": 1e308 * 10}}`, says: /Number out of range|infinite/ },
  "an error with the person's words": {
    source: `$error(message.text)`,
    says: /refused this input with \$error/,
  },
};

const friendly = {
  contact: `{"name": person.name}`,
  ticket: `{"subject": message.text}`,
  comment: `{"body": message.text}`,
};
const input = { person: { name: "Amina" }, message: { text: "canary-5f1c" } };
const folder = mkdtempSync(join(tmpdir(), "hostile-"));
let mapper: Mapper;

function writeFolder(name: string, files: Record<string, string>): string {
  const path = mkdtempSync(join(folder, `${name.replaceAll(/[^a-z]/g, "-")}-`));
  for (const [kind, source] of Object.entries(files)) writeFileSync(join(path, `${kind}.jsonata`), source);
  return path;
}

beforeAll(async () => {
  // One child: everything has to go through the one that was just killed. Evaluations here are slow on purpose.
  mapper = createMapper({ children: 1 });
});

afterAll(async () => {
  await mapper.close();
  rmSync(folder, { recursive: true });
});

test.each(Object.entries(hostile))(
  "survives %s and serves the next mapping",
  async (name, { source, says }) => {
    const bad = writeFolder(name, { ...friendly, contact: source });
    const good = writeFolder("good", friendly);
    await mapper.load(good);
    const refused = mapper
      .load(bad)
      .then(() => mapper.map(bad, "contact", input))
      .then(
        (result) => expect.unreachable(`was accepted: ${JSON.stringify(result)}`),
        (error: unknown) => error,
      );
    const neighbour = mapper.map(good, "contact", input);
    const error = await refused;
    expect(error instanceof MappingError || error instanceof MappingLoadError).toBe(true);
    expect(String(error)).toMatch(says);
    expect(String(error)).not.toContain("canary-5f1c");
    expect((await neighbour).record).toEqual({ name: "Amina" });
    expect({}).not.toHaveProperty("polluted");
  },
);
