import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mediaTable } from "../../src/channels/cloud-api/media-limits.ts";
import meta from "../../src/channels/meta/index.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";
import {
  type Channel,
  type ChannelEvent,
  createHttpClient,
  type Interactive,
  type Outbound,
} from "../../src/sdk/index.ts";
import { eventually } from "../sandbox/callback-server.ts";
import { ANA, NUMBER, type Pair, SECRET, startPair, TOKEN } from "../sandbox/graph-setup.ts";

/** The channel against the emulator of Graph that the demo runs on: both were written from Meta's pages, apart. */
let pair: Pair;
let channel: Channel;
let folder: string;

beforeEach(async () => {
  pair = await startPair();
  const config = meta.config.parse({
    phoneNumberId: NUMBER,
    appSecrets: [SECRET],
    verifyToken: "let-me-in",
    accessToken: TOKEN,
    graphUrl: pair.graph.url,
  });
  const clock = { now: Date.now };
  const log = { debug() {}, info() {}, warn() {} };
  channel = meta.create(config, { http: (options) => createHttpClient(options, clock), log, clock });
  folder = await mkdtemp(join(tmpdir(), "deskferry-sandbox-"));
});
afterEach(async () => {
  await pair.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Events of every webhook so far, after a look at its signature. */
function events(): ChannelEvent[] {
  return pair.callback.caught.flatMap(({ headers, body }) => {
    expect(channel.verify({ headers, query: {}, body })).toBe(true);
    const { events, quarantined } = meta.parse(body);
    expect(quarantined).toEqual([]);
    return events;
  });
}

test("P28: a signed text of the sandbox phone is read as it was written", async () => {
  const words = "مرحبا नमस्ते 👨‍👩‍👧 ä/ö";
  await pair.write({ text: words });
  expect(events()).toMatchObject([
    {
      type: "message.received",
      accountId: channel.accountId,
      person: { phone: ANA.phone, name: ANA.name },
      message: { type: "text", text: words },
    },
  ]);
});

test("P07: a batch of photos comes out as one message each, and their files are byte-identical", async () => {
  const files = Array.from({ length: 4 }, () => randomBytes(50_000));
  const messages = files.map((file) => ({
    type: "image",
    media: { mimeType: "image/png", base64: file.toString("base64") },
  }));
  await pair.write({ delivery: "batch", messages });
  const received = events().flatMap((event) => (event.type === "message.received" ? [event.message] : []));
  expect(received.map(({ type }) => type)).toEqual(["image", "image", "image", "image"]);
  for (const [index, { media }] of received.entries()) {
    if (!media) throw new Error("a photo without a file");
    const path = join(folder, String(index));
    const fetched = await channel.fetchMedia(media, { path, maxBytes: 60_000 });
    expect(fetched).toEqual({ mimeType: "image/png", size: 50_000 });
    expect(files[index]?.equals(await readFile(path))).toBe(true);
  }
});

test("P13: a text and a template are sent, and their receipts carry our callback data", async () => {
  await pair.write({ text: "hello" });
  const text = await channel.send({
    to: { phone: ANA.phone },
    outbound: { kind: "text", text: "hi" },
    callbackData: "intent-1",
  });
  const template = await channel.send({
    to: { phone: ANA.phone },
    outbound: {
      kind: "template",
      template: {
        name: "ticket_update",
        language: "en",
        header: "#7",
        body: ["Ana", "7"],
        buttons: [{ type: "url", index: 0, value: "7" }],
      },
    },
    callbackData: "intent-2",
  });
  const receipts = await eventually(() => {
    const found = events().flatMap((event) => (event.type === "receipt.updated" ? [event.receipt] : []));
    return found.length === 6 ? found : undefined;
  });
  const of = (messageId: string) => receipts.filter((receipt) => receipt.messageId === messageId);
  for (const [{ messageId }, callbackData] of [
    [text, "intent-1"],
    [template, "intent-2"],
  ] as const) {
    expect(new Set(of(messageId).map(({ state }) => state))).toEqual(new Set(["sent", "delivered", "read"]));
    expect(new Set(of(messageId).map((receipt) => receipt.callbackData))).toEqual(new Set([callbackData]));
  }
});

test("P12: a text outside the window is refused as such", async () => {
  const request = {
    to: { phone: ANA.phone },
    outbound: { kind: "text", text: "hi" },
    callbackData: "i",
  } as const;
  await expect(channel.send(request)).rejects.toMatchObject({ kind: "window_closed", code: 131047 });
});

test("P22: the check of the settings finds the number", async () => {
  expect(await channel.checkConnection?.()).toEqual([
    expect.stringMatching(/^business number \+44 1632 960961 \(City of Example\)/),
  ]);
});

function sendToAna(outbound: Outbound): Promise<{ messageId: string }> {
  return channel.send({ to: { phone: ANA.phone }, outbound, callbackData: "intent-1" });
}

test.each(
  mediaTable.flatMap(({ type, mimeTypes }) => mimeTypes.map((mimeType) => [mimeType, type] as const)),
)("a file of the type %s arrives as %s, byte for byte", async (mimeType, type) => {
  await pair.write({ text: "hello" });
  const bytes = randomBytes(2000);
  const path = join(folder, "file");
  await writeFile(path, bytes);
  await sendToAna({ kind: "media", media: { type, mimeType, source: { path }, fileName: "permit.pdf" } });
  const ledger = JSON.stringify((await pair.control("GET", "/ledger")).body["sends"]);
  const id = /"id":"([0-9]+)"/.exec(ledger)?.[1] ?? `no id in ${ledger}`;
  const fetched = join(folder, "fetched");
  expect(await channel.fetchMedia({ id, mimeType }, { path: fetched, maxBytes: 5000 })).toEqual({
    mimeType,
    size: 2000,
  });
  expect(bytes.equals(await readFile(fetched))).toBe(true);
});

test("questions of all kinds, reactions, read marks and files by address are taken", async () => {
  await pair.write({ text: "hello" });
  const heard = events().find((event) => event.type === "message.received");
  const messageId = heard?.type === "message.received" ? heard.message.id : "";
  const questions: Interactive[] = [
    {
      type: "buttons",
      text: "Solved?",
      header: "#7",
      footer: "City",
      buttons: [{ id: "yes", title: "Yes" }],
    },
    { type: "list", text: "Which?", button: "Choose", sections: [{ rows: [{ id: "1", title: "One" }] }] },
    { type: "link", text: "Your report", label: "Open", url: "https://city.example/7" },
    { type: "location_request", text: "Where is it?" },
    { type: "contact_request", text: "Which number can we call?" },
  ];
  const source = { link: "https://city.example/permit.pdf" };
  const all: Outbound[] = [
    ...questions.map((interactive) => ({ kind: "interactive" as const, interactive })),
    { kind: "reaction", messageId, emoji: "✅" },
    { kind: "reaction", messageId, emoji: "" },
    {
      kind: "media",
      media: { type: "document", mimeType: "application/pdf", source, fileName: "permit.pdf" },
    },
  ];
  for (const outbound of all) expect((await sendToAna(outbound)).messageId).toMatch(/^wamid\./);
  await channel.markRead?.(messageId, { typing: true });
  await channel.markRead?.(messageId);
  const { sends, refused, markedRead } = (await pair.control("GET", "/ledger")).body as GraphLedger;
  expect(sends).toHaveLength(all.length);
  expect(refused).toEqual([]);
  expect(markedRead.map(({ wamid, typing }) => [wamid, typing])).toEqual([
    [messageId, true],
    [messageId, false],
  ]);
});
