import { describe, expect, it } from "vitest";
import { compile, evaluate } from "../../src/mapping/evaluate.ts";
import { languageOfScript, mainScript } from "../../src/mapping/functions/language-script.ts";
import type { Verdict } from "../../src/mapping/protocol.ts";

const input = { name: "canary", list: [1, 2, 3] };

async function run(
  source: string,
  bounds: { timeoutMs?: number; resultLength?: number } = {},
): Promise<Verdict> {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.failure.reason);
  return evaluate(compiled.program, input, { timeoutMs: 2000, ...bounds });
}

async function failureOf(source: string, bounds = {}) {
  const verdict = await run(source, bounds);
  if (verdict.ok) throw new Error(`it made ${verdict.result}`);
  return verdict.failure;
}

describe("what an expression makes", () => {
  it("is carried as JSON, with the place of what made it; nothing is nothing", async () => {
    expect(await run('{"a": name, "b": $sum(list)}')).toMatchObject({
      ok: true,
      result: '{"a":"canary","b":6}',
    });
    expect(await run('($x := 1; {"a": $x})')).toEqual({ ok: true, result: '{"a":1}', position: 11 });
    const nothing = await run("nobody.there");
    expect(nothing.ok).toBe(true);
    expect("result" in nothing).toBe(false);
  });

  it.each([
    ['{"a": {"b": [1, function($x) { $x }]}}', ["a", "b", 1]],
    ['{"a": $uppercase}', ["a"]],
    ["function($x) { $x }", []],
  ])("is refused where it holds a function: %s", async (source, path) => {
    expect(await failureOf(source)).toMatchObject({
      kind: "evaluate",
      reason: "the result holds a function instead of a value. Add the parentheses of the call",
      path,
    });
  });

  it("is refused where it holds a number that JSON does not know", async () => {
    expect(await failureOf('{"a": [{"b": 1 / 0}]}')).toMatchObject({
      kind: "evaluate",
      reason: expect.stringMatching(/number/),
    });
  });

  it("is refused when it is too long, and the longest field named; of exactly the length it is not", async () => {
    const long = '{"short": "x", "long": $pad("", 50, "y"), "none": nobody}';
    const length = JSON.stringify({ short: "x", long: "y".repeat(50) }).length;
    expect(await run(long, { resultLength: length })).toMatchObject({ ok: true });
    expect(await failureOf(long, { resultLength: length - 1 })).toMatchObject({
      kind: "limit",
      reason: `it produced more than ${length - 1} characters. Cut long texts with $plain(text, max)`,
      path: ["long"],
    });
    expect(await failureOf("[1..50]", { resultLength: 9 })).toMatchObject({ kind: "limit", path: [] });
    expect(await failureOf('$pad("", 50, "y")', { resultLength: 9 })).toMatchObject({ path: [] });
  });
});

describe("an expression that fails", () => {
  it.each([
    [
      "without an end",
      "($f := function($n) { $f($n + 1) }; $f(0))",
      { timeoutMs: 60 },
      /^it took too long\. Look/,
    ],
    ["too deep", "($f := function($n) { 1 + $f($n + 1) }; $f(0))", {}, /\(JSONata D1011\)$/],
    ["of too many items", "$map([1..20000], function($x) { $x })", {}, /\(JSONata D20\d\d\)$/],
  ])("%s has reached a limit", async (_, source, bounds, says) => {
    const failure = await failureOf(source, bounds);
    expect(failure.kind).toBe("limit");
    expect(failure.reason).toMatch(says);
  });

  it.each([
    ['$error("of " & name)', "the mapping refused this input with $error"],
    ['$assert(false, "of " & name)', "the mapping refused this input with $assert"],
  ])("by its own will says so, without its text: %s", async (source, reason) => {
    expect(await failureOf(source)).toMatchObject({ kind: "evaluate", reason });
  });

  it.each(["1 + name", "name ~> $sum", "$number(name)", "name()", "list[0] > name"])(
    "at the input tells where and why, and quotes nothing: %s",
    async (source) => {
      const failure = await failureOf(`{"a": ${source}}`);
      expect(failure.kind).toBe("evaluate");
      expect(failure.reason).toMatch(/\S+ \(JSONata [A-Z]\d{4}\)$/);
      expect(failure.reason).not.toContain("canary");
      expect(failure.position).toBeGreaterThan(0);
    },
  );

  it("to compile tells the place, in words of JSONata", () => {
    const wrong = compile('{"a": }');
    expect(wrong).toMatchObject({ ok: false, failure: { kind: "compile", position: 7 } });
    expect(compile("$nobody(1)")).toMatchObject({ ok: false, failure: { kind: "compile" } });
  });
});

describe("the language that letters decide", () => {
  const languageOf = (text: string) => {
    const main = mainScript(text);
    return main && languageOfScript(main.script, text);
  };

  it.each([
    ["রাস্তার বাতি নষ্ট", "bn"],
    ["தெரு விளக்கு", "ta"],
    ["ไฟถนนเสีย", "th"],
    ["ქუჩის განათება", "ka"],
    ["אין חשמל", "he"],
    ["가로등", "ko"],
    ["መብራት የለም", "am"],
    ["街灯が壊れています", "ja"],
    ["カタカナ", "ja"],
    ["路灯坏了", "zh"],
    ["सड़क की बत्ती", "hi"],
    ["दिवा चालू नाही", "mr"],
    ["बत्ती छैन", "ne"],
    ["Улица тёмная, мы ждём", "ru"],
    ["Вулиця темна, її немає", "uk"],
    ["Вуліца цёмная, ўсё", "be"],
    ["Улица је мрачна, љубав", "sr"],
    ["الشارع مظلم", "ar"],
    ["سڑک پر بتی نہیں ہے", "ur"],
  ])("of %s is %s", (text, language) => expect(languageOf(text)).toBe(language));

  it.each([
    ["Persian, which shares its letters with Urdu", "چراغ خیابان"],
    ["Pashto", "ښه ورځ"],
    ["Cyrillic without a letter of its own", "вода"],
    ["Latin", "The lamp is broken"],
    ["no letters", "123 !"],
    ["half and half", "abcd рука"],
  ])("is left open for %s", (_, text) => expect(languageOf(text)).toBeUndefined());

  it("is asked of the script that has two letters of three", () => {
    expect(mainScript("আআab")).toBeUndefined();
    expect(mainScript("কখab")).toBeUndefined();
    expect(mainScript("কখগঘab")).toEqual({ script: "Bengali", letters: 4 });
  });
});
