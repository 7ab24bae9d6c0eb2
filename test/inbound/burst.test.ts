import { describe, expect, it } from "vitest";
import type { MessageReceived, Messages } from "../../src/domain/event.ts";
import { asFailure } from "../../src/domain/failure.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import type { Idempotency } from "../../src/sdk/connector.ts";
import { messageReceived } from "../support/builders.ts";
import { type CrashAt, watchCalls } from "../support/crash-points.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { type InboundSetup, type SetupOptions, setUpInbound } from "./inbound-setup.ts";

/** A text and two photos, as an album comes in. */
async function setUpAlbum(options: SetupOptions = {}) {
  const setup = await setUpInbound(options);
  const photo = (index: number) => {
    const id = `media-${index}`;
    setup.whatsapp.files.set(id, { bytes: Buffer.from(`photo ${index}`), mimeType: "image/jpeg" });
    const media = { id, mimeType: "image/jpeg", fileName: `${index}.jpg` };
    return messageReceived({
      at: setup.clock.iso(),
      message: { type: "image", text: `photo ${index}`, media },
    });
  };
  const album: Messages = [
    messageReceived({ at: setup.clock.iso(), message: { text: "a broken lamp" } }),
    photo(1),
    photo(2),
  ];
  for (const event of album) await setup.accept(event);
  return { ...setup, album };
}

const failureOf = (work: Promise<unknown>) => work.then(() => undefined, asFailure);
const bodyRule = (body: (event: MessageReceived["message"]) => string, visibility?: "internal") => ({
  comment: ({ message }: { message: MessageReceived["message"] }) => ({
    body: body(message),
    visibility: visibility && message.type === "image" ? visibility : ("public" as const),
  }),
});

describe("P01: messages that waited together", () => {
  it("become one comment with all their words in order and all their files, by one call", async () => {
    const { desk, album, handleTogether } = await setUpAlbum({ rules: bodyRule(({ text }) => text) });
    await handleTogether(album);
    expect(desk.comments).toMatchObject([
      {
        externalId: eventKey(album[0].id),
        body: "a broken lamp\n\nphoto 1\n\nphoto 2",
        files: [
          { name: "1.jpg", bytes: Buffer.from("photo 1") },
          { name: "2.jpg", bytes: Buffer.from("photo 2") },
        ],
      },
    ]);
    expect(desk.tickets).toHaveLength(1);
  });

  it("are traced each by itself, with the message that they joined", async () => {
    const { album, traces, handleTogether, filesOnDisk } = await setUpAlbum();
    await handleTogether(album);
    for (const { id } of album) {
      const steps = traces.filter(({ event }) => event === eventKey(id));
      expect(steps.map(({ step }) => step)).toEqual(
        expect.arrayContaining(["contact.ensured", "ticket.ensured", "comment.added"]),
      );
      expect(steps.at(-1)?.detail).toMatchObject({ joined: eventKey(album[0].id) });
    }
    expect(traces.filter(({ step }) => step === "media.fetched")).toHaveLength(2);
    expect(await filesOnDisk()).toEqual([]);
  });

  it("are shown as read by the last of them", async () => {
    const { album, whatsapp, handleTogether } = await setUpAlbum({ marksRead: true });
    await handleTogether(album);
    expect(whatsapp.read).toEqual([album[2]?.message.id]);
  });

  it("P26: opt out with any of them", async () => {
    const { album, key, store, accept, clock, handleTogether } = await setUpAlbum();
    const stop = await accept(messageReceived({ at: clock.iso(), message: { text: "STOP" } }));
    await handleTogether([...album, stop]);
    expect(await store.consents.get(key)).toMatchObject({ all: { state: "stop" } });
  });
});

describe("messages that one comment cannot hold", () => {
  const cases: [string, SetupOptions, (setup: InboundSetup) => void][] = [
    ["because some are internal", { rules: bodyRule(({ text }) => text, "internal") }, () => undefined],
    ["because they are too long", { rules: bodyRule(() => "x".repeat(40_000)) }, () => undefined],
    ["because their files are too large together", { maxAttachmentBytes: 10 }, () => undefined],
    [
      "because the helpdesk refuses them",
      {},
      ({ desk }) => desk.script.next("addComment", fails("rejected")),
    ],
  ];
  it.each(cases)("%s go on one by one, with nothing made of them", async (_why, options, prepare) => {
    const setup = await setUpAlbum(options);
    prepare(setup);
    expect(await failureOf(setup.handleTogether(setup.album))).toMatchObject({ kind: "not_together" });
    expect(setup.desk.comments).toEqual([]);
    for (const event of setup.album) await setup.handle(event);
    expect(setup.desk.comments).toHaveLength(3);
    expect(setup.desk.comments.flatMap(({ files }) => files)).toHaveLength(2);
  });

  it("stay together when the comment may be there already", async () => {
    const setup = await setUpAlbum({ idempotency: { class: "B", settleMs: 5000 } });
    setup.desk.script.next("addComment", lostAnswer());
    expect(await failureOf(setup.handleTogether(setup.album))).toMatchObject({ kind: "ambiguous" });
    setup.desk.script.next("findComment", fails("rejected"));
    setup.clock.advance(6000);
    expect(await failureOf(setup.handleTogether(setup.album))).toMatchObject({ kind: "rejected" });
  });

  it("wait for an operator together where the helpdesk cannot be asked (class C)", async () => {
    const setup = await setUpAlbum({ idempotency: { class: "C", onUnclear: "hold" } });
    setup.desk.script.next("addComment", lostAnswer());
    expect(await failureOf(setup.handleTogether(setup.album))).toMatchObject({ kind: "ambiguous" });
    expect(await failureOf(setup.handleTogether(setup.album))).toMatchObject({ kind: "unclear" });
    expect(setup.desk.comments).toHaveLength(1);
  });
});

const classes: [string, Idempotency][] = [
  ["A", { class: "A" }],
  ["B", { class: "B", settleMs: 5000 }],
];

async function play(idempotency: Idempotency, crash?: CrashAt) {
  const lagMs = idempotency.class === "B" ? idempotency.settleMs : 0;
  const setup = await setUpAlbum({ idempotency, lagMs });
  const points = watchCalls(setup.tools, ["store", "connector", "channel"]);
  const first = await points.run((tools) => handleMessages(setup.album, setup.key, 0, tools), crash);
  const calls = [...points.calls];
  for (let tries = 0; tries < 5; tries++) {
    setup.clock.advance(1000);
    const failure = await failureOf(setup.handleTogether(setup.album));
    if (!failure) return { ...setup, first, calls };
    setup.clock.advance(failure.retryAfterMs ?? 0);
  }
  throw new Error("it never came to an end");
}

describe.each(classes)("a worker that dies while it handles an album, class %s", (_name, idempotency) => {
  it("at any call, before or after its effect, leaves one comment with every file once", async () => {
    const { calls } = await play(idempotency);
    expect(calls).toContain("connector.addComment");
    for (const [position, name] of calls.entries()) {
      for (const when of ["before", "after"] as const) {
        const { desk, first, filesOnDisk } = await play(idempotency, { position, when });
        const what = `${when} ${name}`;
        expect(first, what).toBe("crashed");
        expect(desk.tickets, what).toHaveLength(1);
        expect(desk.comments, what).toMatchObject([{ files: [{ name: "1.jpg" }, { name: "2.jpg" }] }]);
        expect(await filesOnDisk(), what).toEqual([]);
      }
    }
  });
});
