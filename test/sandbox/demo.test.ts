import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isOk, judge, play, table } from "../../scripts/demo-play.ts";
import { type Stage, startStage } from "../../scripts/demo-stage.ts";
import { browserProgram, launchBrowser, openPage, violationsOf } from "../support/browser.ts";

/** A folder for pictures of the page, for looking at. */
const pictures = process.env["DEMO_PICTURES"];
const patience = { timeout: 15_000 };
const step = <T>(_what: string, work: Promise<T>) => work;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ step, port: 0 });
}, 60_000);
afterAll(() => stage.stop());

test("npm run demo -- --once: one conversation both ways, every line ok", async () => {
  const findings = await play({ stage, step });
  expect(findings.length).toBeGreaterThanOrEqual(13);
  expect(findings.filter((finding) => !isOk(finding))).toEqual([]);
}, 60_000);

test("ledgers in which nothing arrived are told to be not ok", () => {
  const findings = judge(
    { messages: [], sends: [], refused: [], markedRead: [], statuses: [], webhooks: [], pendingWebhooks: 0 },
    { contacts: [], tickets: [], webhooks: [], pendingWebhooks: 0 },
  );
  const fine = findings.filter(isOk).map(({ what }) => what);
  expect(fine).toEqual(["private notes sent to the phone", "webhooks not answered with 200"]);
  expect(table(findings).match(/not ok$/gm)).toHaveLength(findings.length - fine.length);
});

test.skipIf(!browserProgram)(
  "a person and a member of staff talk through the page, wide and narrow (needs Chromium)",
  async () => {
    const browser = await launchBrowser();
    try {
      const complaints: string[] = [];
      const wide = await open(browser, { width: 1440, height: 900, colorScheme: "light" }, complaints);
      await writeFromThePhone(wide);
      await answerFromTheHelpdesk(wide);
      await picture(wide, "wide-light");
      await lookAtNarrow(browser, complaints);
      await picture(
        await open(browser, { width: 1440, height: 900, colorScheme: "dark" }, complaints),
        "wide-dark",
      );
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  90_000,
);

interface Look {
  width: number;
  height: number;
  colorScheme: "light" | "dark";
}

async function open(
  browser: Browser,
  { width, height, colorScheme }: Look,
  complaints: string[],
): Promise<Page> {
  const look = { viewport: { width, height }, colorScheme };
  const page = await openPage(browser, look, { origin: stage.pageUrl, complaints });
  await page.goto(stage.pageUrl);
  await page.waitForSelector('#live[data-state="live"]');
  return page;
}

/** Text by keyboard alone, in Arabic; a photo, an album, a voice note. */
async function writeFromThePhone(page: Page): Promise<void> {
  await page.getByRole("button", { name: "يوسف" }).click();
  await page.locator("#text").focus();
  await page.keyboard.type("هناك حفرة كبيرة في الطريق");
  await page.keyboard.press("Enter");
  const words = page.locator("#chat .bubble.mine .words").first();
  await words.waitFor();
  await words.and(page.locator(":dir(rtl)")).waitFor();
  await page.getByRole("button", { name: /هناك حفرة كبيرة/ }).click();
  await page.locator("#comments .comment.person").first().waitFor();
  await page.getByRole("button", { name: "Send an album of four photos" }).click();
  await page.locator('#chat .photos[data-count="4"]').waitFor();
  await expect.poll(() => page.locator("#comments .comment.person img").count(), patience).toBe(4);
  await page.getByRole("button", { name: "Send a voice note" }).click();
  await page.locator("#comments audio").waitFor();
  await page.locator("#chat .bubble.voice .arrived").waitFor();
  await expect.poll(() => page.locator('#rail-in .station[data-state="done"]').count(), patience).toBe(5);
}

/** A reply, a private note and a status change; only the first and the last come over. */
async function answerFromTheHelpdesk(page: Page): Promise<void> {
  await page.locator("#answer-text").fill("A team is on its way.");
  await page.getByRole("button", { name: "Send reply" }).click();
  await page.locator("#chat .bubble.theirs", { hasText: "A team is on its way." }).waitFor();
  await page.locator("#answer").getByText("Private note").click();
  await page.locator("#answer-text").fill("Only between us.");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.locator("#crossings", { hasText: "an internal note never leaves" }).waitFor();
  await page.getByRole("button", { name: "Resolved", exact: true }).click();
  await page.locator("#chat .bubble.template", { hasText: "ticket_solved" }).waitFor();
  await page.locator('#chat .bubble.template .ticks[data-state="read"]').waitFor();
  expect(await page.locator("#chat", { hasText: "Only between us." }).count()).toBe(0);
  await expect.poll(() => page.locator('#rail-out .station[data-state="done"]').count(), patience).toBe(5);
}

async function lookAtNarrow(browser: Browser, complaints: string[]): Promise<void> {
  const narrow = await open(browser, { width: 390, height: 844, colorScheme: "light" }, complaints);
  await narrow.getByRole("button", { name: "يوسف" }).click();
  for (const [side, shown] of [
    ["Phone", "#chat"],
    ["Crossing", "#crossings"],
    ["Helpdesk", "#comments"],
  ] as const) {
    await narrow.getByRole("button", { name: side, exact: true }).click();
    expect(await narrow.locator(shown).isVisible()).toBe(true);
    expect(await narrow.locator("#rail-in").isVisible()).toBe(true);
    const overflow = await narrow.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(overflow).toBe(0);
    await picture(narrow, `narrow-${side.toLowerCase()}`);
  }
}

/** Looks at the page as it stands, for what keeps people out and for its picture. */
async function picture(page: Page, name: string): Promise<void> {
  expect(await violationsOf(page), name).toEqual([]);
  if (!pictures) return;
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${pictures}/${name}.png` });
}
