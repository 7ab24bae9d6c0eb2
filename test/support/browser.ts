import { existsSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's Chromium, or another that is there; CHROMIUM names one elsewhere. */
export const browserProgram = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));
if (!browserProgram && process.env["DESKFERRY_REQUIRE_BROWSER"] === "1")
  throw new Error("there is no Chromium here");

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserProgram ?? "", args: flags });
}

/** Opens a page; what it complains of, and what it asks of others than `origin`, is added to `complaints`. */
export async function openPage(
  browser: Browser,
  look: BrowserContextOptions,
  { origin, complaints }: { origin: string; complaints: string[] },
): Promise<Page> {
  const page = await (await browser.newContext(look)).newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("blob:"))
      complaints.push(request.url());
  });
  return page;
}

interface AxeResult {
  violations: { id: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
  passes: unknown[];
}

/** What axe-core finds to keep people out of the page as it stands, one line for each place. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations, passes } = (await page.evaluate("axe.run()")) as AxeResult;
  if (passes.length < 10) throw new Error("axe saw hardly anything");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary = "" }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
