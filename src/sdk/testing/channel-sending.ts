import assert from "node:assert/strict";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import type { Interactive, Outbound, OutboundMedia } from "../../domain/outbound.ts";
import { type Channel, type SendAbility, sendAbilities } from "../channel.ts";
import type { ErrorKind } from "../errors.ts";
import { type ChannelBench, secretText, textTo } from "./channel-bench.ts";
import type { ChannelTests } from "./channel-conformance.ts";
import { parsed } from "./channel-inbound.ts";
import { assertKind, errorOf } from "./error-kinds.ts";
import type { Fault } from "./fault-proxy.ts";

const LINK = "https://files.example.org/leaking-pipe.png";
const UNKNOWN_TYPE = "application/x-deskferry-conformance";

/** One of each kind of question. */
const questions: readonly Interactive[] = [
  { type: "buttons", text: secretText, buttons: [{ id: "yes", title: "Yes" }] },
  {
    type: "list",
    text: secretText,
    header: "A header",
    footer: "A footer",
    button: "Choose",
    sections: [{ rows: [{ id: "1", title: "A row", description: "What it is" }] }],
  },
  { type: "link", text: secretText, label: "Open", url: "https://city.example.org/reports/7" },
  { type: "location_request", text: secretText },
  { type: "contact_request", text: secretText },
];

const failedUploads: [name: string, fault: Fault, kinds: ErrorKind[]][] = [
  ["a refused token", { kind: "answer", status: 401 }, ["auth"]],
  ["a rate limit", { kind: "answer", status: 429 }, ["throttled"]],
  ["a server error", { kind: "answer", status: 500 }, ["unavailable"]],
  ["a broken connection behind the work", { kind: "reset", after: true }, ["unavailable"]],
  ["a success that cannot be read", { kind: "answer", status: 200, body: "<html>" }, ["unavailable"]],
  ["a success without an id", { kind: "answer", status: 200, body: "{}" }, ["unavailable"]],
];

/** What a channel says that it can send it sends; the rest it refuses before any request. */
export const sendingTests: ChannelTests = {
  "what can be sent is declared in known words, and files with their limits": async ({ channel }) => {
    for (const ability of channel.sends ?? [])
      assert.ok(sendAbilities.includes(ability), `unknown: ${ability}`);
    const sendsFiles = can(channel, "media") || can(channel, "media_link");
    assert.equal(
      channel.mediaLimit !== undefined,
      sendsFiles,
      "mediaLimit and `sends` contradict each other",
    );
    assert.equal(channel.mediaLimit?.(UNKNOWN_TYPE), undefined, "every type of file is taken");
    if (sendsFiles) assert.ok((pngLimit(channel)?.maxBytes ?? 0) > 0, "not even image/png is taken");
  },
  "a file of ours goes out whole, or is refused before any request": async (bench) => {
    const bytes = Buffer.from("\x89PNG and what else a picture holds");
    await withFile(bench, bytes, async (media) => {
      if (!can(bench.channel, "media")) return assertRefused(bench, media);
      await assertSent(bench, media);
      assert.ok(
        bench.proxy.passed.some(({ body }) => body.includes(bytes)),
        "the file's bytes did not pass",
      );
    });
  },
  "a file over the limit or of an unknown type is refused before any request": async (bench) => {
    await withFile(bench, Buffer.from("x"), async (media, path) => {
      await assertRefused(bench, { ...media, mimeType: UNKNOWN_TYPE, type: "document" });
      await truncate(path, (pngLimit(bench.channel)?.maxBytes ?? 0) + 1);
      await assertRefused(bench, media);
    });
  },
  "a failed upload is never unclear, and nothing is sent after it": async (bench) => {
    if (!can(bench.channel, "media")) return;
    await withFile(bench, Buffer.from("x"), async (media) => {
      for (const [name, fault, kinds] of failedUploads) {
        bench.proxy.set((index) => (index === 0 ? fault : undefined));
        const error = await assertKind(() => send(bench, { kind: "media", media }), kinds);
        assert.equal(bench.proxy.passed.length, 1, `${name}: went on after the failure`);
        assert.notEqual(
          error.problem?.action,
          "await_receipt",
          `${name}: waits for a receipt that cannot come`,
        );
      }
    });
  },
  "a file by its address goes out, or is refused before any request": async (bench) => {
    const media = { ...png(bench.channel), source: { link: LINK } };
    if (!can(bench.channel, "media_link")) return assertRefused(bench, media);
    await assertSent(bench, media);
    const sent = decodeURIComponent(bench.proxy.passed.at(-1)?.body.toString() ?? "");
    assert.ok(sent.includes(LINK), "the address did not pass");
    bench.proxy.clear();
    await assertRefused(bench, { ...media, source: { link: "file:///etc/hostname" } });
  },
  "each kind of question goes out, or is refused before any request": async (bench) => {
    for (const interactive of questions) {
      const outbound: Outbound = { kind: "interactive", interactive };
      if (can(bench.channel, "interactive")) await assertAccepted(bench, outbound);
      else await assertNotAsked(bench, outbound);
    }
  },
  "a question over WhatsApp's limits is refused before any request": async (bench) => {
    const buttons = Array.from({ length: 4 }, () => ({ id: "same", title: secretText.repeat(2) }));
    await assertNotAsked(bench, { kind: "interactive", interactive: { type: "buttons", text: "", buttons } });
  },
  "a reaction goes out and is taken back, or is refused before any request": async (bench) => {
    for (const emoji of ["👍🏽", ""]) {
      const outbound: Outbound = { kind: "reaction", messageId: "wamid.IN1", emoji };
      if (can(bench.channel, "reaction")) await assertAccepted(bench, outbound);
      else await assertNotAsked(bench, outbound);
    }
    await assertNotAsked(bench, { kind: "reaction", messageId: "wamid.IN1", emoji: "thanks" });
  },
  'a read mark is one request, with and without "typing …", and its failure has a kind': async (bench) => {
    const { markRead } = bench.channel;
    if (!markRead) return;
    for (const options of [undefined, { typing: true }]) {
      bench.proxy.clear();
      await markRead("wamid.IN1", options);
      assert.equal(bench.proxy.passed.length, 1);
    }
    bench.proxy.set(() => ({ kind: "answer", status: 401 }));
    await assertKind(() => markRead("wamid.IN1"), ["auth"]);
  },
  "P31: neither texts nor paths of files stand in a refusal": async (bench) => {
    const media: OutboundMedia = { ...png(bench.channel), source: { path: `/tmp/${secretText}.png` } };
    const buttons = [{ id: secretText, title: secretText }];
    const errors = [
      await errorOf(() => send(bench, { kind: "media", media })),
      await errorOf(() =>
        send(bench, { kind: "interactive", interactive: { type: "buttons", text: "", buttons } }),
      ),
      await errorOf(() => send(bench, { kind: "reaction", messageId: secretText, emoji: secretText })),
    ];
    const said = [inspect(errors, { depth: 12, showHidden: true }), ...bench.logged].join("\n");
    assert.ok(!said.includes(secretText), "personal data stands in an error");
  },
};

function can({ sends }: Channel, ability: SendAbility): boolean {
  return sends?.has(ability) ?? false;
}

function pngLimit({ mediaLimit }: Channel) {
  return mediaLimit?.("image/png");
}

function png(channel: Channel): Pick<OutboundMedia, "type" | "mimeType"> {
  return { type: pngLimit(channel)?.type ?? "image", mimeType: "image/png" };
}

function send({ channel }: ChannelBench, outbound: Outbound) {
  return channel.send({ ...textTo(), outbound });
}

async function withFile(
  { channel, folder }: ChannelBench,
  bytes: Buffer,
  use: (media: OutboundMedia, path: string) => Promise<void>,
): Promise<void> {
  const path = join(folder, "outbound.png");
  await writeFile(path, bytes);
  try {
    await use({ ...png(channel), source: { path } }, path);
  } finally {
    await rm(path, { force: true });
  }
}

function assertSent(bench: ChannelBench, media: OutboundMedia): Promise<void> {
  return assertAccepted(bench, { kind: "media", media });
}

function assertRefused(bench: ChannelBench, media: OutboundMedia): Promise<void> {
  return assertNotAsked(bench, { kind: "media", media });
}

/** Sent in this channel's way, and recognised again by its receipt. */
async function assertAccepted(bench: ChannelBench, outbound: Outbound): Promise<void> {
  const { messageId } = await send(bench, outbound);
  assert.notEqual(messageId, "");
  const last = bench.proxy.passed.at(-1);
  assert.ok(last, "nothing was sent");
  const [event] = parsed(bench, bench.harness.receipt(last, messageId)).events;
  assert.ok(event?.type === "receipt.updated", "no receipt");
  assert.equal(event.receipt.callbackData, textTo().callbackData);
}

async function assertNotAsked(bench: ChannelBench, outbound: Outbound): Promise<void> {
  bench.proxy.clear();
  await assertKind(() => send(bench, outbound), ["rejected"]);
  assert.equal(bench.proxy.passed.length, 0, "the provider was asked");
}
