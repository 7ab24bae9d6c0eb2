import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CheckResult } from "../../src/app/check-result.ts";
import { listStored, syncTemplates } from "../../src/app/stored-templates.ts";
import { CANNOT_LIST, checkTemplates, listTemplates, showTemplates } from "../../src/app/templates.ts";
import { readEntry } from "../../src/domain/audit.ts";
import type { TemplateInfo } from "../../src/domain/template.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { setUpApp } from "./app-setup.ts";

const base = { header: [], body: ["1"], buttons: [], alsoNeeds: [], status: "APPROVED", category: "UTILITY" };
const info = (name: string, more: Partial<TemplateInfo> = {}): TemplateInfo => ({
  ...base,
  name,
  language: "en",
  ...more,
});
const wish = (name: string, language = "en") => ({ template: { name, language, body: ["A"] } });

interface Given {
  account?: TemplateInfo[] | Error;
  /** What the cases of confirmation.test.json expect; undefined: there is no confirmation. */
  cases?: (object | null)[] | string;
  replyTemplate?: string;
  templateLanguages?: string[];
}

/** Settings of one route, with an account that lists these templates; without `account` it cannot. */
async function setUp({ account, cases, replyTemplate, templateLanguages = [] }: Given) {
  const folder = await mkdtemp(join(tmpdir(), "deskferry-templates-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  if (cases !== undefined) {
    const tests = Array.isArray(cases)
      ? JSON.stringify(cases.map((expected, index) => ({ name: `case ${index}`, input: {}, expected })))
      : cases;
    await writeFile(join(folder, "confirmation.jsonata"), "null");
    await writeFile(join(folder, "confirmation.test.json"), tests);
  }
  const setup = await setUpApp({ mapping: folder });
  const [route] = setup.config.routes;
  if (!route) throw new Error("there is no route");
  Object.assign(route, { templateLanguages });
  if (replyTemplate) {
    Object.assign(route, { replyTemplate: { name: replyTemplate, language: "en", parameters: ["text"] } });
  }
  if (account) {
    setup.whatsapp.channel.listTemplates = async () => {
      if (account instanceof Error) throw account;
      return account;
    };
  }
  const secretFiles = { add: () => undefined, paths: () => [], haveChanged: async () => false };
  return { ...setup, folder, secretFiles, reload: () => setup.config };
}

type Results = ReturnType<typeof checkTemplates>;

async function only(results: Results) {
  const all: CheckResult[] = [];
  for await (const result of results) all.push(result);
  expect(all).toHaveLength(1);
  const [{ what = "", lines = [], problems = [] } = {}] = all;
  return { what, lines, problems };
}

describe("what the routes send, compared with what the account has", () => {
  it("is approved, each named once and in order", async () => {
    const setup = await setUp({
      account: [info("solved"), info("closed"), info("reply")],
      cases: [wish("solved"), wish("closed"), wish("solved"), null],
      replyTemplate: "reply",
    });
    expect(await only(checkTemplates(setup))).toEqual({
      what: `templates for channels.${setup.channel}`,
      lines: ["approved, with the parameters they get: closed (en), reply (en), solved (en)"],
      problems: [],
    });
  });

  it("is nothing where no template is known, with the reason where it should be", async () => {
    const none = ["no template is known to be sent"];
    expect(await only(checkTemplates(await setUp({ account: [] })))).toMatchObject({
      lines: none,
      problems: [],
    });
    const setup = await setUp({ account: [], cases: "[" });
    const { lines, problems } = await only(checkTemplates(setup));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("the confirmation's templates are not known");
    expect(lines[0]).toContain(join(setup.folder, "confirmation.test.json"));
    expect([lines[1], problems]).toEqual([none[0], []]);
  });

  it("is not compared where the channel cannot list, which says the remedy", async () => {
    const { lines, problems } = await only(checkTemplates(await setUp({ replyTemplate: "reply" })));
    expect([lines, problems]).toEqual([[`not compared: ${CANNOT_LIST}`], []]);
    expect(CANNOT_LIST).toContain("businessAccountId");
    const unread = await only(checkTemplates(await setUp({ replyTemplate: "reply", cases: "[" })));
    expect(unread.lines).toHaveLength(2);
    expect(unread.lines[1]).toBe(`not compared: ${CANNOT_LIST}`);
  });

  it("names what is missing by the place where it is to be changed, and what is right of the rest", async () => {
    const setup = await setUp({ account: [info("solved")], cases: [wish("closed")], replyTemplate: "reply" });
    const { lines, problems } = await only(checkTemplates(setup));
    expect(lines).toEqual([]);
    expect(problems).toEqual([
      "replyTemplate: the account has no template reply: have it approved by WhatsApp, or correct the name",
      `${setup.folder}/confirmation: the account has no template closed: have it approved by WhatsApp, or correct the name`,
    ]);
  });

  it("works by a fallback, with a remark on what does not, once", async () => {
    const cases = [{ ...wish("closed"), fallback: [wish("solved")] }];
    const setup = await setUp({ account: [info("solved")], cases });
    const { lines, problems } = await only(checkTemplates(setup));
    expect(problems).toEqual([]);
    expect(lines).toEqual([
      `${setup.folder}/confirmation: the account has no template closed: have it approved by WhatsApp, or correct the name (another of this confirmation goes out)`,
      "approved, with the parameters they get: solved (en)",
    ]);
  });

  it("says where another version or language goes out instead", async () => {
    const account = [info("solved_v2"), info("solved"), info("closed", { language: "de" })];
    const cases = [wish("solved_v2"), wish("closed", "fr")];
    const setup = await setUp({ account, cases, templateLanguages: ["de"] });
    expect(await only(checkTemplates(setup))).toMatchObject({
      lines: [
        `${setup.folder}/confirmation: closed (fr) goes out as closed (de)`,
        "approved, with the parameters they get: closed (de), solved_v2 (en)",
      ],
      problems: [],
    });
  });

  it("an account that cannot be asked is a problem of this channel", async () => {
    const account = new PluginError({ kind: "auth", operatorMessage: "the token is no good" });
    const setup = await setUp({ account, replyTemplate: "reply" });
    expect(await only(checkTemplates(setup))).toMatchObject({
      lines: [],
      problems: ["the token is no good"],
    });
  });
});

const MANY = [
  info("solved", { status: "PAUSED", category: "MARKETING" }),
  info("closed", { body: ["name", "id"], header: ["1"], buttons: [{ type: "url", index: 0 }] }),
  info("closed", { language: "de", body: [], headerMedia: "image", alsoNeeds: ["the products of button 1"] }),
];
const LINES = [
  "closed  de  APPROVED  UTILITY  image in the header, the products of button 1",
  "closed  en  APPROVED  UTILITY  header {{1}}, body {{name}} {{id}}, url button 0",
  "solved  en  PAUSED  MARKETING  body {{1}}",
];

describe("an account's templates", () => {
  it("are shown a line each, by name and language", async () => {
    expect(showTemplates(MANY)).toEqual(LINES);
    expect(showTemplates([info("bare", { body: [] })])).toEqual([
      "bare  en  APPROVED  UTILITY  no parameters",
    ]);
    const setup = await setUp({ account: MANY });
    const what = `channels.${setup.channel}`;
    expect(await only(listTemplates(setup))).toEqual({ what, lines: LINES, problems: [] });
  });

  it("that cannot be listed say so, and are not stored either", async () => {
    const setup = await setUp({});
    const cannot = { lines: [CANNOT_LIST], problems: [] };
    expect(await only(listTemplates(setup))).toMatchObject(cannot);
    expect(await only(syncTemplates(setup))).toMatchObject(cannot);
    expect(await only(listStored(setup))).toMatchObject({
      lines: ["nothing is stored: sending goes by what WhatsApp answers"],
    });
  });

  it("are stored when asked, noted in the audit log, and shown with their age", async () => {
    const setup = await setUp({ account: MANY });
    const what = `channels.${setup.channel}`;
    const ageOf = async (seconds: number) => {
      await setup.store.templates.replace(setup.channel, MANY, Date.now() - seconds * 1000);
      return (await only(listStored(setup))).lines[0];
    };
    expect(await ageOf(125)).toBe("as the account had them 2 minutes ago");
    expect(await ageOf(65)).toBe("as the account had them a minute ago");
    expect(await only(syncTemplates(setup))).toEqual({ what, lines: ["3 templates stored"], problems: [] });
    expect(await only(listStored(setup))).toEqual({
      what,
      lines: ["as the account had them 0 minutes ago", ...LINES],
      problems: [],
    });
    const { texts } = await setup.store.audits.read(setup.channel);
    expect(texts.map((text) => readEntry(text))).toMatchObject([
      { what: "templates.synced", by: expect.stringMatching(/^user:/), detail: { templates: "3" } },
    ]);
  });
});
