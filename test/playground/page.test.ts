import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readPayloadInput } from "../../src/app/payload-input.ts";
import { readPayload } from "../../src/app/playground-inputs.ts";
import { createMapper } from "../../src/mapping/mapper.ts";
import { createSamples } from "../../src/playground/samples.ts";
import { type Playground, startPlayground } from "../../src/playground/server.ts";
import { browserProgram, launchBrowser, openPage, violationsOf } from "../support/browser.ts";

/** A folder for pictures of the page, for the guide and for looking at. */
const pictures = process.env["PLAYGROUND_PICTURES"];
const root = mkdtempSync(join(tmpdir(), "playground-page-"));
const mapper = createMapper({ children: 1 });
let browser: Browser;
let folder: string;
let playground: Playground;
let complaints: string[];

interface Look {
  width: number;
  colorScheme: "light" | "dark";
}
const wide: Look = { width: 1440, colorScheme: "light" };

const slip = `{
"subject": $oneLine(message.text 80)
}`;
const wrong = `{
"subject": $oneLine(message.text, 80),
"tags": ["whatsapp"],
"priority": "very high"
}`;
/** As the starter file, and more for one word. The editor indents what is typed. */
const good = wrong.replace(`"very high"`, `$contains(message.text, "تسرب") ? "high"`);

describe.skipIf(!browserProgram)("the playground's page (needs Chromium)", () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 60_000);
  beforeEach(async () => {
    complaints = [];
    folder = join(root, randomUUID());
    cpSync("mappings/sandbox", folder, { recursive: true });
    const samples = createSamples(readPayload);
    const channelTypes = ["meta", "twilio"];
    const tools = { folder, mapper, readPayload, readCasePayload: readPayloadInput, channelTypes, samples };
    playground = await startPlayground(tools);
  });
  afterEach(() => playground.stop());
  afterAll(async () => {
    await browser.close();
    await mapper.close();
    rmSync(root, { recursive: true });
  });

  test.each<Look>([
    wide,
    { width: 1440, colorScheme: "dark" },
    { width: 390, colorScheme: "light" },
    { width: 390, colorScheme: "dark" },
  ])("the whole job by keyboard alone, at $width in $colorScheme", { timeout: 120_000 }, async (look) => {
    const page = await open(look);
    const see = async (state: string) => {
      expect(await violationsOf(page), state).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), state).toBe(0);
      await picture(page, `${state}-${look.width}-${look.colorScheme}`);
    };
    await see("start");

    await tabTo(page, "contact");
    await page.keyboard.press("ArrowRight");
    await tabTo(page, "Sample");
    await page.keyboard.type("text in A");
    await page.locator(".value:dir(rtl)", { hasText: "تسرب" }).waitFor();

    await tabTo(page, "Mapping, JSONata");
    await write(page, slip);
    await page.getByRole("button", { name: "Line 2" }).waitFor();
    await page.locator("#mapping .cm-lintRange-error", { hasText: "80" }).waitFor();
    await see("slip");

    await write(page, wrong);
    await page.locator('[data-path="priority"][data-wrong] .fault').waitFor();
    await page.getByRole("button", { name: "Line 4" }).waitFor();
    await see("wrong");

    await write(page, good);
    await page.locator('[data-path="priority"] .value', { hasText: "high" }).waitFor();
    await page.locator('#verdict[data-state="good"]').waitFor();
    await see("mended");

    await tabTo(page, "Form");
    await page.keyboard.press("ArrowRight");
    await page.locator("#json-view", { hasText: `"priority": "high"` }).waitFor();
    await see("json");

    await tabTo(page, "Keep what you see as a test case");
    await page.keyboard.type("a leak in Arabic");
    await page.keyboard.press("Enter");
    await said(page, /ticket\.test\.json has a new case.*changes that are not saved/);
    const cases = JSON.parse(readFileSync(join(folder, "ticket.test.json"), "utf8")) as object[];
    expect(cases.at(-1)).toMatchObject({ name: "a leak in Arabic", expected: { priority: "high" } });

    await tabTo(page, "Run the tests");
    await page.keyboard.press("Enter");
    await said(page, /1 of \d+ tests failed; without what is not saved in ticket\.jsonata/);
    await see("failed");

    await tabTo(page, "Save ticket.jsonata", "Shift+Tab");
    await page.keyboard.press("Enter");
    await said(page, /ticket\.jsonata is saved/);
    expect(readFileSync(join(folder, "ticket.jsonata"), "utf8")).toBe(good.replaceAll(/^"/gm, '  "'));
    await tabTo(page, "Run the tests");
    await page.keyboard.press("Enter");
    await said(page, /^\d+ tests, all pass$/);
    await see("passed");
    expect(complaints).toEqual([]);
  });

  test("a raw payload becomes the input, and a route sees its ticket", { timeout: 90_000 }, async () => {
    const page = await open(wide);
    await page.getByRole("button", { name: "Paste a webhook…" }).click();
    const { payload } = JSON.parse(readFileSync("test/payloads/meta/an-image-with-a-caption.json", "utf8"));
    await page.getByLabel("Raw body").fill("{}");
    await page.getByRole("button", { name: "Read it" }).click();
    await page.locator("#found", { hasText: "There is no message in it." }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await picture(page, "dialog");
    await page.getByLabel("Raw body").fill(JSON.stringify(payload));
    await page.getByRole("button", { name: "Read it" }).click();
    await page.locator("#input", { hasText: "The pothole" }).waitFor();
    await choose(page, "comment");
    await page.locator('[data-path="body"] .value', { hasText: "The pothole" }).waitFor();
    await choose(page, "route");
    await page.getByRole("textbox", { name: "Mapping, JSONata" }).focus();
    await write(page, `{"queue": ticket.subject}`);
    await page.locator('[data-path="queue"] .value', { hasText: "The pothole" }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("a file changed on disk is not overwritten, and the person chooses", { timeout: 90_000 }, async () => {
    const page = await open(wide);
    await choose(page, "ticket");
    await page.getByRole("textbox", { name: "Mapping, JSONata" }).focus();
    await write(page, good);
    writeFileSync(join(folder, "ticket.jsonata"), `{"subject": "theirs"}`);
    await page.getByRole("button", { name: "Save ticket.jsonata" }).click();
    await said(page, /changed on disk.*Nothing was written/);
    expect(await violationsOf(page)).toEqual([]);
    await picture(page, "conflict");
    await page.getByRole("button", { name: "Show what is on disk" }).click();
    await page.locator('[data-path="subject"] .value', { hasText: "theirs" }).waitFor();
    await page.getByRole("textbox", { name: "Mapping, JSONata" }).focus();
    await page.keyboard.press("Control+z");
    await page.locator("#mapping", { hasText: "very" }).waitFor({ state: "detached" });
    await page.locator("#mapping", { hasText: "تسرب" }).waitFor();
    await page.keyboard.press("Control+y");
    await page.locator("#mapping", { hasText: "theirs" }).waitFor();
    expect(readFileSync(join(folder, "ticket.jsonata"), "utf8")).toBe(`{"subject": "theirs"}`);
    expect(complaints).toEqual([]);
  });

  test("an older answer never replaces a newer one", { timeout: 90_000 }, async () => {
    const page = await open(wide);
    await choose(page, "ticket");
    await page.locator("#verdict", { hasText: "valid" }).waitFor();
    const held: Route[] = [];
    await page.route("**/api/evaluate", (route) =>
      route.request().postData()?.includes("older") ? void held.push(route) : route.continue(),
    );
    await page.getByRole("textbox", { name: "Mapping, JSONata" }).focus();
    await write(page, `{"subject": "older"}`);
    await expect.poll(() => held.length).toBe(1);
    await write(page, `{"subject": "newer"}`);
    const subject = page.locator('[data-path="subject"] .value');
    await subject.filter({ hasText: "newer" }).waitFor();
    // The page has given the request up: whether it can still be answered is the browser's affair.
    await held[0]?.fulfill({ json: { record: { subject: "older" }, version: "0" } }).catch(() => undefined);
    await write(page, `{"subject": "newest"}`);
    await subject.filter({ hasText: "newest" }).waitFor();
    expect(await page.locator("#faults li").count()).toBe(0);
  });

  test("a playground that has ended is told", { timeout: 90_000 }, async () => {
    const page = await open(wide);
    await playground.stop();
    await page.getByRole("button", { name: "Run the tests" }).click();
    await said(page, /does not answer\. Start it again/);
  });
});

async function open({ width, colorScheme }: Look): Promise<Page> {
  const viewport = { width, height: width > 800 ? 900 : 844 };
  const { origin } = new URL(playground.url);
  const page = await openPage(browser, { viewport, colorScheme }, { origin, complaints });
  await page.goto(playground.url);
  await said(page, /contact\.jsonata makes a valid record/);
  return page;
}

/** Presses Tab until the keyboard is at what has this name. */
async function tabTo(page: Page, name: string, key = "Tab"): Promise<void> {
  const seen: string[] = [];
  for (let count = 0; count < 40; count += 1) {
    await page.keyboard.press(key);
    const at = String(
      await page.evaluate(
        "(({ ariaLabel, labels, textContent }) => ariaLabel || labels?.[0]?.textContent || textContent)(document.activeElement)",
      ),
    );
    if (at === name) return;
    seen.push(at.slice(0, 40));
  }
  throw new Error(`${key} does not reach ${name}, but: ${seen.join(" | ")}`);
}

/** Replaces what stands in the editor that has the keyboard. */
async function write(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.type(text);
}

async function choose(page: Page, kind: string): Promise<void> {
  await page.getByRole("radio", { name: kind, exact: true }).click();
}

async function said(page: Page, text: RegExp): Promise<void> {
  await expect.poll(() => page.locator("#said").textContent(), { timeout: 20_000 }).toMatch(text);
}

async function picture(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`) });
}
