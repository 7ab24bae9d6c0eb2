import { describe, expect, test } from "vitest";
import { chooseTemplate, familyOf, languageChain } from "../../src/domain/choose-template.ts";
import type { TemplateMessage } from "../../src/domain/outbound.ts";
import type { TemplateInfo } from "../../src/domain/template.ts";

const WISH: TemplateMessage = { name: "solved", language: "pt_BR", body: ["7"] };

/** `solved_v2 pt_BR PAUSED 2`: name, language, status (APPROVED) and number of parameters (1). */
function account(...lines: string[]): TemplateInfo[] {
  return lines.map((line) => {
    const [name = "", language = "", status = "APPROVED", count = "1"] = line.split(" ");
    const body = Array.from({ length: Number(count) }, (_, index) => String(index + 1));
    return { name, language, status, category: "UTILITY", header: [], body, buttons: [], alsoNeeds: [] };
  });
}

function chosen(wish: Partial<TemplateMessage>, infos: TemplateInfo[], languages: string[] = []): string {
  const choice = chooseTemplate({ ...WISH, ...wish }, infos, { languages, stopped: [] });
  return "template" in choice ? `${choice.template.name} ${choice.template.language}` : choice.says;
}

describe("P14: which template goes out", () => {
  test.each([
    ["the wished one", {}, ["solved pt_BR"], "solved pt_BR"],
    ["its highest version", {}, ["solved pt_BR", "solved_v2 pt_BR", "solved_v10 pt_BR"], "solved_v10 pt_BR"],
    ["not a version under review", {}, ["solved pt_BR", "solved_v2 pt_BR PENDING"], "solved pt_BR"],
    ["not a paused version", {}, ["solved pt_BR", "solved_v2 pt_BR PAUSED"], "solved pt_BR"],
    ["not a rejected version", {}, ["solved pt_BR", "solved_v2 pt_BR REJECTED"], "solved pt_BR"],
    [
      "not a version with other parameters",
      {},
      ["solved pt_BR", "solved_v2 pt_BR APPROVED 2"],
      "solved pt_BR",
    ],
    [
      "a version that came when the first went",
      {},
      ["solved pt_BR DELETED", "solved_v2 pt_BR"],
      "solved_v2 pt_BR",
    ],
    [
      "the named version at most",
      { name: "solved_v2" },
      ["solved_v3 pt_BR", "solved_v2 pt_BR"],
      "solved_v2 pt_BR",
    ],
    [
      "one before the named version, until that is approved",
      { name: "solved_v2" },
      ["solved pt_BR"],
      "solved pt_BR",
    ],
    ["the language before the version", {}, ["solved pt_BR", "solved_v2 pt_PT"], "solved pt_BR"],
    ["the language without its region", {}, ["solved pt_PT", "solved pt"], "solved pt"],
    ["a sister of the language", {}, ["solved en", "solved pt_PT"], "solved pt_PT"],
    [
      "not a sister in another script",
      { language: "zh_TW" },
      ["solved zh_CN", "solved zh_HK"],
      "solved zh_HK",
    ],
  ])("%s", (_name, wish, infos, expected) => {
    expect(chosen(wish, account(...infos))).toBe(expected);
  });

  test("after its sisters the languages of the route count, in their order", () => {
    expect(chosen({}, account("solved en", "solved es"), ["es", "en"])).toBe("solved es");
    expect(chosen({}, account("solved en", "solved es"))).toMatch(/is not there in pt_BR, only in en, es/);
  });

  test("a stopped template leaves the turn to another, and is the reason when there is none", () => {
    const stopped = [{ name: "solved_v2", language: "pt_BR", says: "paused" }];
    const infos = account("solved pt_BR", "solved_v2 pt_BR");
    expect(chooseTemplate(WISH, infos, { languages: [], stopped })).toMatchObject({ template: WISH });
    const both = [...stopped, { name: "solved", language: "pt_BR", says: "switched off" }];
    expect(chooseTemplate(WISH, infos, { languages: [], stopped: both })).toEqual({
      by: "stop",
      says: "the template solved (pt_BR) is not sent for now: switched off",
    });
  });

  test("what ends like a version but is none has a family of its own", () => {
    expect(["solved_v2", "solved_v", "_v2", "v2", "solved_v12345"].map(familyOf)).toEqual([
      "solved",
      "solved_v",
      "_v2",
      "v2",
      "solved_v12345",
    ]);
  });

  test("the chain has each language once, and survives what is no language", () => {
    expect(languageChain("en", ["en_US", "en_GB", "en", "fr"], ["fr", "en_GB"])).toEqual([
      "en",
      "en_GB",
      "en_US",
      "fr",
    ]);
    expect(languageChain("!!", ["en"], ["en"])).toEqual(["!!", "en"]);
  });
});

/** Mulberry32; the seed stands in the test's name. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SEED = 20_261_121;
const STATES = ["APPROVED", "PENDING", "PAUSED", "REJECTED", "DISABLED", "DELETED", "IN_APPEAL"];

test(`P15: through 5,000 random changes of state something goes out as long as anything fits (seed ${SEED})`, () => {
  const next = random(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const infos = account(
    "solved pt_BR",
    "solved_v2 pt_BR",
    "solved_v3 pt_BR",
    "solved pt",
    "solved_v2 pt_PT",
    "solved en",
  );
  let sent = 0;
  for (let turn = 0; turn < 5000; turn++) {
    const changed = pick(infos);
    changed.status = pick(STATES);
    if (next() < 0.1) changed.body = pick([["1"], ["1", "2"]]);
    const stopped = infos
      .filter(() => next() < 0.2)
      .map(({ name, language }) => ({ name, language, says: "paused" }));
    const fits = infos.filter(
      (one) =>
        one.status === "APPROVED" &&
        one.body.length === 1 &&
        !stopped.some(({ name, language }) => name === one.name && language === one.language),
    );
    const choice = chooseTemplate(WISH, infos, { languages: ["en"], stopped });
    expect("template" in choice, `turn ${turn}`).toBe(fits.length > 0);
    if (!("template" in choice)) continue;
    sent++;
    const { name, language } = choice.template;
    expect(fits.some((one) => one.name === name && one.language === language)).toBe(true);
    // The wished language whenever one of its versions can be sent.
    if (fits.some((one) => one.language === "pt_BR")) expect(language).toBe("pt_BR");
  }
  expect(sent).toBeGreaterThan(1000);
});
