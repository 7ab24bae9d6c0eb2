import { readFileSync } from "node:fs";
import { get } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TraceEntry } from "../../src/domain/trace.ts";
import type { Listening } from "../../src/sandbox/listen.ts";
import { createPageServer } from "../../src/sandbox/page-server.ts";
import { eventually } from "./callback-server.ts";
import { type DeskPair, openTicket, startDeskPair } from "./desk-setup.ts";
import { ANA, type Pair, startPair } from "./graph-setup.ts";

let graph: Pair;
let desk: DeskPair;
let pages: Listening;
let offer: (entry: TraceEntry) => void;

beforeEach(async () => {
  graph = await startPair();
  desk = await startDeskPair();
  const waiting: TraceEntry[] = [];
  let wake = () => {};
  offer = (entry) => {
    waiting.push(entry);
    wake();
  };
  pages = await createPageServer({
    graphUrl: graph.graph.url,
    deskUrl: desk.desk.url,
    connection: "desk",
    async *readTrace(signal) {
      while (!signal.aborted) {
        for (const entry of waiting.splice(0)) yield entry;
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener("abort", () => resolve());
        });
      }
    },
  });
});

afterEach(async () => {
  await pages.stop();
  await graph.stop();
  await desk.stop();
});

function entry(step: TraceEntry["step"]): TraceEntry {
  const at = "2026-11-21T10:00:00.000Z";
  return { at, event: "0123456789abcdef0123", channel: "city", person: "a1", step, detail: {} };
}

/** Reads a stream until it holds `text`. */
async function hear(path: string, text: string): Promise<string> {
  const stopping = new AbortController();
  const answer = await fetch(`${pages.url}${path}`, { signal: stopping.signal });
  let heard = "";
  const listening = (async () => {
    for await (const part of answer.body ?? []) heard += Buffer.from(part).toString("utf8");
  })().catch(() => undefined);
  await eventually(() => heard.includes(text) || undefined);
  stopping.abort();
  await listening;
  return heard;
}

/** The status of a request with headers that fetch would not let through. */
function statusWith(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${pages.url}${path}`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on("error", reject);
  });
}

test("the page comes with a policy that lets nothing in from elsewhere and runs no inline script", async () => {
  const answer = await fetch(pages.url);
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const html = await answer.text();
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/);
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test("the trace is streamed, to late listeners too", async () => {
  offer(entry("accepted"));
  expect(await hear("/trace", "accepted")).toContain('"event":"0123456789abcdef0123"');
  offer(entry("comment.added"));
  const heard = await hear("/trace", "comment.added");
  expect(heard.indexOf("accepted")).toBeLessThan(heard.indexOf("comment.added"));
});

test("writing, event streams and files go through to phone and helpdesk", async () => {
  const send = (method: string, path: string, json: object) =>
    fetch(`${pages.url}${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(json),
    });
  const media = { mimeType: "image/jpeg", base64: Buffer.from("photo").toString("base64") };
  expect((await send("POST", "/graph/messages", { person: ANA, type: "image", media })).status).toBe(200);
  const heard = await hear("/graph/events", '"kind":"message"');
  const id = /"id":"(\d{16})"/.exec(heard)?.[1];
  const file = await fetch(`${pages.url}/graph/media/${id}`);
  expect(await file.text()).toBe("photo");
  expect(file.headers.get("content-security-policy")).toBe("sandbox");
  const ticket = await openTicket(desk);
  expect((await send("PATCH", `/desk/tickets/${ticket}`, { status: "resolved" })).status).toBe(200);
  expect((await send("POST", `/desk/tickets/${ticket}/comments`, { body: "done" })).status).toBe(200);
  expect(await hear("/desk/events", '"body":"done"')).toContain('"to":"resolved"');
});

test("nothing else of the servers behind is reachable through the page", async () => {
  for (const path of [
    "/graph/ledger",
    "/graph/faults",
    "/desk/ledger",
    "/desk/../api/account",
    "/desk/settings",
  ]) {
    expect((await fetch(`${pages.url}${path}`)).status).toBe(404);
  }
  const settings = await fetch(`${pages.url}/desk/settings`, { method: "PUT" });
  expect(settings.status).toBe(404);
});

test("other sites may link to the page but not act through it", async () => {
  const crossSite = { "sec-fetch-site": "cross-site" };
  expect(await statusWith("/graph/numbers", { ...crossSite, "sec-fetch-mode": "no-cors" })).toBe(403);
  expect(await statusWith("/", { ...crossSite, "sec-fetch-mode": "navigate" })).toBe(200);
  expect(await statusWith("/graph/numbers", { "sec-fetch-site": "same-origin" })).toBe(200);
});

test("a server behind that is gone is a 502, not a hanging page", async () => {
  await desk.stop();
  expect((await fetch(`${pages.url}/desk/events`)).status).toBe(502);
});

/** WCAG 2.2, 1.4.3. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
      const part = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["paper", "surface", "surface-2", "accent-soft", "water", "note"];
const texts: Record<string, string[]> = {
  ink: grounds,
  "ink-2": grounds,
  accent: ["paper", "surface", "surface-2", "accent-soft"],
  "on-accent": ["accent-fill"],
  sand: ["surface", "surface-2", "sand-soft"],
  good: ["surface", "surface-2"],
  bad: ["surface", "bad-soft"],
};

test.each(["light", "dark"])("every text of the %s page has a contrast of at least 4.5", (scheme) => {
  const css = readFileSync(new URL("../../src/sandbox/pages/tokens.css", import.meta.url), "utf8");
  const blocks = [...css.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1] ?? "");
  const block = blocks[scheme === "light" ? 0 : 1] ?? "";
  const colours = new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]),
  );
  for (const [text, backgrounds] of Object.entries(texts)) {
    for (const background of backgrounds) {
      const value = contrast(colours.get(text) ?? "", colours.get(background) ?? "");
      expect(value, `${text} on ${background}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});
