import { describe, expect, it } from "vitest";
import { mediaLimit } from "../../src/channels/cloud-api/media-limits.ts";
import type { CommentAdded } from "../../src/domain/event.ts";
import { handleComment } from "../../src/outbound/handle-comment.ts";
import type { OutboundTools } from "../../src/outbound/tools.ts";
import type { SendRequest } from "../../src/sdk/channel.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { commentAdded } from "../support/builders.ts";
import { watchCalls } from "../support/crash-points.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { jpeg, mp4, pdf, text } from "../support/sample-files.ts";
import type { Outcome } from "../support/scripted.ts";
import { type OutboundSetup, RECEIPT_WAIT_MS, type SetupOptions, setUpOutbound } from "./outbound-setup.ts";

const HOUR_MS = 3_600_000;
const MB = 1024 * 1024;

/** The way back with a channel that takes files, and a helpdesk that has these. */
async function setUpFiles(files: Record<string, Buffer>, options: SetupOptions = {}): Promise<OutboundSetup> {
  const setup = await setUpOutbound(options);
  Object.assign(setup.whatsapp.channel, { sends: new Set(["media"]), mediaLimit });
  for (const [name, bytes] of Object.entries(files)) setup.helpdesk.files.set(`id of ${name}`, bytes);
  return setup;
}

function replyWith(names: string[], more: Partial<CommentAdded> = {}): CommentAdded {
  return commentAdded({ attachments: names.map((name) => ({ id: `id of ${name}`, name })), ...more });
}

/** What arrived, in short. */
function arrived({ whatsapp }: OutboundSetup): string[] {
  return whatsapp.sent.map(({ outbound }) => {
    if (outbound.kind === "media") return `${outbound.media.type} ${outbound.media.fileName}`;
    return outbound.kind;
  });
}

const noteTexts = ({ notes }: OutboundSetup) => [...notes.values()].map((note) => note.text);
const notSent = (name: string, reason: string) =>
  `The file “${name}” of the reply above was not sent to WhatsApp: ${reason}.`;

/** As Meta refuses a file (error 131053). */
const unusable: Outcome = {
  when: "before",
  fail: () =>
    new PluginError({
      kind: "rejected",
      operatorMessage: "send message: Graph refused it",
      problem: { action: "drop_file", reason: "file", says: "WhatsApp cannot use the file" },
    }),
};

describe("the files of a public reply", () => {
  it("go out after the text, in order, byte for byte, as what their bytes say", async () => {
    const files = { "plan.pdf": pdf, "photo.dat": jpeg, "film.mp4": mp4, "hours.txt": text };
    const setup = await setUpFiles(files);
    await setup.comment(replyWith(Object.keys(files)));
    expect(arrived(setup)).toEqual([
      "text",
      "document plan.pdf",
      "image photo.dat.jpg",
      "video film.mp4",
      "document hours.txt",
    ]);
    const bytes = setup.whatsapp.sent.slice(1).map((taken) => taken.bytes);
    expect(bytes).toEqual(Object.values(files));
    expect(setup.notes.size).toBe(0);
    expect(await setup.filesOnDisk()).toEqual([]);
  });

  it("go out once, however often the event is handled", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf });
    const event = replyWith(["a.pdf"]);
    await setup.comment(event);
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document a.pdf"]);
    expect(setup.helpdesk.script.count("fetchAttachment")).toBe(1);
  });

  it("go out without any text", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf });
    await setup.comment(replyWith(["a.pdf"], { body: " " }));
    expect(arrived(setup)).toEqual(["document a.pdf"]);
  });

  it("have names that are safe on a phone", async () => {
    const setup = await setUpFiles({ "../in\u202efdp.exe": pdf });
    await setup.comment(replyWith(["../in\u202efdp.exe"], { body: "" }));
    expect(arrived(setup)).toEqual(["document infdp.exe.pdf"]);
  });

  it("carry our intent, one for each, so that receipts find them", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf });
    await setup.comment(replyWith(["a.pdf", "b.pdf"], { body: "" }));
    expect(setup.whatsapp.sent.map(({ callbackData }) => callbackData)).toEqual([
      expect.stringMatching(/^[0-9a-f]+-file-0$/),
      expect.stringMatching(/^[0-9a-f]+-file-1$/),
    ]);
    await setup.receiptOf(setup.whatsapp.sent[1], "failed");
    expect(noteTexts(setup)).toEqual([
      "File 2 of a reply did not arrive on WhatsApp: WhatsApp gave no reason.",
    ]);
  });

  it.each([
    ["an internal note", { visibility: "internal" }],
    ["our own comment", { author: { id: "api", isUs: true } }],
    ["our own comment by its id", { externalId: "0123456789abcdef0123" }],
  ] as const)("P19: of %s never leave, and are not even fetched", async (_name, given) => {
    const setup = await setUpFiles({ "passport.jpg": jpeg });
    await setup.comment(replyWith(["passport.jpg"], given));
    expect(setup.helpdesk.script.calls).toEqual([]);
    expect(setup.whatsapp.script.calls).toEqual([]);
    expect(setup.notes.size).toBe(0);
  });
});

describe("a file that cannot be sent stays, a note says which and why, and the others go out", () => {
  const big = Buffer.concat([jpeg, Buffer.alloc(5 * MB)]);
  it.each([
    [
      "of a kind that WhatsApp does not take",
      Buffer.from("GIF89a\0"),
      "WhatsApp takes no files of this kind (image/gif)",
    ],
    ["of a kind that nobody knows", Buffer.from("XY\0\0"), "WhatsApp takes no files of this kind"],
    [
      "a page of HTML, as a log-in page would be",
      Buffer.from("<html>log in"),
      "WhatsApp takes no files of this kind (text/html)",
    ],
    [
      "that only a sticker could be",
      Buffer.from("RIFF\0\0\0\0WEBPVP8"),
      "WhatsApp takes such pictures (image/webp) as stickers only",
    ],
    ["larger than WhatsApp allows its kind", big, "it has 5.1 MB, and WhatsApp takes 5 MB of image/jpeg"],
    ["empty", Buffer.alloc(0), "it is empty"],
    ["no longer there", undefined, "it is no longer in the helpdesk"],
  ])("%s", async (_name, bytes, reason) => {
    const setup = await setUpFiles({ ...(bytes ? { "x.jpg": bytes } : {}), "b.pdf": pdf });
    const event = replyWith(["x.jpg", "b.pdf"]);
    await setup.comment(event);
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document b.pdf"]);
    expect(noteTexts(setup)).toEqual([notSent("x.jpg", reason)]);
    expect(setup.helpdesk.script.count("fetchAttachment")).toBe(2);
    expect(await setup.filesOnDisk()).toEqual([]);
  });

  it("larger than the settings allow", async () => {
    const setup = await setUpFiles({ "a.pdf": Buffer.concat([pdf, Buffer.alloc(2 * MB)]) });
    setup.tools.media.maxBytes = MB;
    await setup.comment(replyWith(["a.pdf"]));
    expect(noteTexts(setup)).toEqual([notSent("a.pdf", "it is larger than 1 MB")]);
  });

  it("refused by WhatsApp, once, also when a later one has to wait", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf });
    const event = replyWith(["a.pdf", "b.pdf"]);
    setup.whatsapp.script.next("send", "ok", unusable, fails("throttled"));
    expect(await failureOf(setup.comment(event))).toMatchObject({ retryable: true });
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document b.pdf"]);
    expect(noteTexts(setup)).toEqual([notSent("a.pdf", "WhatsApp cannot use the file")]);
    expect(setup.whatsapp.script.count("send")).toBe(4);
  });

  it("of unknown end after two tries", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf });
    const event = replyWith(["a.pdf", "b.pdf"]);
    setup.whatsapp.script.next("send", "ok", fails("ambiguous"), fails("ambiguous"));
    for (let tries = 0; tries < 2; tries++) {
      expect(await failureOf(setup.comment(event))).toMatchObject({ kind: "waiting" });
      setup.clock.advance(RECEIPT_WAIT_MS);
    }
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document b.pdf"]);
    expect(noteTexts(setup)).toEqual([expect.stringContaining("it is unknown whether the message went out")]);
  });

  it("where the helpdesk hands out no files", async () => {
    const setup = await setUpFiles({}, { tools: { connector: {} } });
    await setup.comment(replyWith(["a.pdf"]));
    expect(noteTexts(setup)).toEqual([notSent("a.pdf", "Deskferry cannot fetch files from this helpdesk")]);
  });

  it("a name that tries to speak for itself is cleaned in the note too", async () => {
    const setup = await setUpFiles({});
    await setup.comment(replyWith(["../\u202egpj\n.exe"]));
    expect(noteTexts(setup)).toEqual([notSent("gpj.exe", "it is no longer in the helpdesk")]);
  });
});

describe("trouble that passes", () => {
  it("of the helpdesk is waited for", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf });
    setup.helpdesk.script.next("fetchAttachment", fails("unavailable"));
    const event = replyWith(["a.pdf"]);
    expect(await failureOf(setup.comment(event))).toMatchObject({ kind: "unavailable" });
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document a.pdf"]);
  });

  it("of the helpdesk that does not pass holds nothing up for ever", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf });
    setup.helpdesk.script.next("fetchAttachment", ...Array<Outcome>(6).fill(fails("ambiguous")));
    const event = replyWith(["a.pdf", "b.pdf"]);
    for (let tries = 1; tries < 6; tries++) {
      await failureOf(setup.comment(event));
      setup.clock.advance(10_000);
    }
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document b.pdf"]);
    expect(noteTexts(setup)).toEqual([notSent("a.pdf", "it could not be fetched from the helpdesk")]);
  });

  it("of WhatsApp is waited for without fetching the file again and again", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf });
    setup.whatsapp.script.next("send", "ok", lostAnswer());
    const event = replyWith(["a.pdf"]);
    for (let tries = 0; tries < 5; tries++) await failureOf(setup.comment(event));
    expect(setup.helpdesk.script.count("fetchAttachment")).toBe(1);
    await setup.receiptOf(setup.whatsapp.sent[1]);
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document a.pdf"]);
  });

  it("P22: while the channel stands nothing is fetched", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf });
    setup.whatsapp.script.next("send", fails("auth"));
    const event = replyWith(["a.pdf"], { body: "" });
    for (let tries = 0; tries < 5; tries++) await failureOf(setup.comment(event));
    expect(setup.helpdesk.script.count("fetchAttachment")).toBe(1);
  });
});

describe("P12: files outside the 24 hour window", () => {
  const closed = "the 24 hour window has closed";

  it("stay, the text goes as a template, and one note names them all", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf });
    setup.clock.advance(25 * HOUR_MS);
    const event = replyWith(["a.pdf", "b.pdf"]);
    await setup.comment(event);
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["template"]);
    expect(noteTexts(setup)).toEqual([
      `The files “a.pdf”, “b.pdf” of the reply above were not sent to WhatsApp: ${closed}.`,
    ]);
    expect(setup.helpdesk.script.calls).toEqual([]);
  });

  it("stay when Meta's clock says so, and the rest is not tried", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf, "c.pdf": pdf });
    setup.whatsapp.script.next("send", "ok", "ok", fails("window_closed"));
    const event = replyWith(["a.pdf", "b.pdf", "c.pdf"]);
    await setup.comment(event);
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document a.pdf"]);
    expect(noteTexts(setup)).toEqual([
      `The files “b.pdf”, “c.pdf” of the reply above were not sent to WhatsApp: ${closed}.`,
    ]);
    expect(setup.whatsapp.script.count("send")).toBe(3);
  });

  it("stay when it closes while they wait; what has gone out is not told again", async () => {
    const setup = await setUpFiles({ "a.pdf": pdf, "b.pdf": pdf });
    setup.whatsapp.script.next("send", "ok", "ok", fails("throttled"));
    const event = replyWith(["a.pdf", "b.pdf"]);
    await failureOf(setup.comment(event));
    setup.clock.advance(25 * HOUR_MS);
    await setup.comment(event);
    expect(arrived(setup)).toEqual(["text", "document a.pdf"]);
    expect(noteTexts(setup)).toEqual([notSent("b.pdf", closed)]);
  });
});

/** Only what calls somebody is watched: limits and abilities of a channel are told at once. */
function answering({ whatsapp, key }: OutboundSetup, event: CommentAdded) {
  return (tools: OutboundTools) => {
    const send = (request: SendRequest) => tools.channel.send(request);
    return handleComment(event, key, { ...tools, channel: { ...whatsapp.channel, send } });
  };
}

describe("a worker that dies while it sends files", () => {
  it("at any call, before or after its effect, leaves each sent once where receipts arrive", async () => {
    const files = { "a.pdf": pdf, "x.gif": Buffer.from("GIF89a\0"), "b.jpg": jpeg };
    const expected = ["text", "document a.pdf", "image b.jpg"];
    const dry = await setUpFiles(files);
    const points = watchCalls(dry.tools, ["store", "channel", "connector"]);
    await points.run(answering(dry, replyWith(Object.keys(files))));
    expect(points.calls.filter((name) => name === "channel.send")).toHaveLength(3);
    for (const [position, name] of points.calls.entries()) {
      for (const when of ["before", "after"] as const) {
        const setup = await setUpFiles(files);
        const event = replyWith(Object.keys(files));
        const dying = watchCalls(setup.tools, ["store", "channel", "connector"]);
        await dying.run(answering(setup, event), { position, when });
        for (const taken of [...setup.whatsapp.sent]) await setup.receiptOf(taken, "sent");
        setup.clock.advance(RECEIPT_WAIT_MS);
        await setup.comment(event);
        expect(arrived(setup), `${when} ${name}`).toEqual(expected);
        expect(noteTexts(setup), `${when} ${name}`).toHaveLength(1);
        expect(await setup.filesOnDisk(), `${when} ${name}`).toEqual([]);
      }
    }
  }, 60_000);
});
