import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { MediaRef } from "../../src/domain/message.ts";
import { messageReceived } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { failing } from "../support/fake-mapper.ts";
import { type InboundSetup, type SetupOptions, setUpInbound } from "./inbound-setup.ts";

const BYTES = Buffer.from(Array.from({ length: 70_001 }, (_, n) => (n * 31 + 7) % 256));
BYTES.set([0xff, 0xd8, 0xff, 0xe0]);

/** A conversation in which a photo is waiting at the provider. */
async function setUpPhoto(options: SetupOptions = {}) {
  const setup = await setUpInbound(options);
  setup.whatsapp.files.set("media-1", { bytes: BYTES, mimeType: "image/jpeg" });
  return setup;
}

function photo({ clock }: InboundSetup, media: Partial<MediaRef> = {}) {
  return messageReceived({
    at: clock.iso(),
    message: { type: "image", text: "Look", media: { id: "media-1", mimeType: "image/jpeg", ...media } },
  });
}

describe("P16: a file", () => {
  it("is carried over byte for byte, and nothing of it stays on our disk", async () => {
    const setup = await setUpPhoto();
    await setup.receive(photo(setup, { fileName: "lamp.jpg" }));
    const [file] = setup.desk.comments[0]?.files ?? [];
    expect(file).toMatchObject({ name: "lamp.jpg", mimeType: "image/jpeg" });
    expect(sha256(file?.bytes)).toBe(sha256(BYTES));
    expect(setup.desk.comments[0]?.body).toBe("Look");
    expect(await setup.filesOnDisk()).toEqual([]);
  });

  it("that the provider no longer has costs the file, not the words", async () => {
    const setup = await setUpPhoto();
    await setup.receive(photo(setup, { id: "media-gone", fileName: "lamp.jpg" }));
    expect(setup.desk.comments).toMatchObject([
      { body: "Look [lamp.jpg: fetch file: Meta no longer has it]", files: [] },
    ]);
  });

  it.each([
    ["our own limit", { mediaBytes: BYTES.length - 1 }],
    ["P17: the helpdesk's limit, below our own", { maxAttachmentBytes: BYTES.length - 1 }],
  ] as const)("larger than %s is mentioned in the comment", async (_name, limits) => {
    const setup = await setUpPhoto(limits);
    await setup.receive(photo(setup, { fileName: "lamp.jpg" }));
    expect(setup.desk.comments).toMatchObject([
      { body: `Look [lamp.jpg: fetch file: the file is larger than ${BYTES.length - 1} bytes]`, files: [] },
    ]);
    expect(await setup.filesOnDisk()).toEqual([]);
  });

  it("P17: of exactly the limit passes", async () => {
    const setup = await setUpPhoto({ maxAttachmentBytes: BYTES.length, mediaBytes: BYTES.length });
    await setup.receive(photo(setup));
    expect(setup.desk.comments[0]?.files).toHaveLength(1);
  });

  it("is mentioned where the helpdesk takes none, without fetching it", async () => {
    const setup = await setUpPhoto({ maxAttachmentBytes: 0 });
    await setup.receive(photo(setup, { fileName: "lamp.jpg" }));
    expect(setup.desk.comments[0]?.body).toBe("Look [lamp.jpg: this helpdesk takes no files]");
    expect(setup.whatsapp.script.calls).toEqual([]);
  });

  it.each(["unavailable", "ambiguous", "throttled", "auth"] as const)(
    "that cannot be fetched at the moment (%s) is tried again, and arrives",
    async (kind) => {
      const setup = await setUpPhoto();
      setup.whatsapp.script.next("fetchMedia", fails(kind));
      const event = photo(setup);
      expect(await failureOf(setup.receive(event))).toMatchObject({ kind, retryable: true });
      expect(setup.desk.comments).toEqual([]);
      await setup.handle(event, 1);
      expect(setup.desk.comments[0]?.files).toHaveLength(1);
    },
  );

  it("that cannot be fetched for long no longer holds the words up", async () => {
    const setup = await setUpPhoto();
    setup.whatsapp.script.always("fetchMedia", fails("unavailable"));
    const event = photo(setup, { fileName: "lamp.jpg" });
    await setup.accept(event);
    for (let tries = 0; tries < 6; tries++) await failureOf(setup.handle(event, tries));
    expect(setup.desk.comments).toEqual([]);
    await setup.handle(event, 6);
    expect(setup.desk.comments).toMatchObject([
      { body: "Look [lamp.jpg: scripted: unavailable]", files: [] },
    ]);
  });

  it("is fetched and attached again when the helpdesk's answer was lost, and is there once (class A)", async () => {
    const setup = await setUpPhoto();
    setup.desk.script.next("addComment", lostAnswer());
    const event = photo(setup);
    await failureOf(setup.receive(event));
    await setup.handle(event, 1);
    expect(setup.desk.comments).toHaveLength(1);
    expect(sha256(setup.desk.comments[0]?.files[0]?.bytes)).toBe(sha256(BYTES));
  });

  it.each([
    [
      "the helpdesk refuses the comment",
      (s: InboundSetup) => s.desk.script.next("addComment", fails("rejected")),
    ],
    [
      "the mapping fails",
      (s: InboundSetup) => {
        s.mapper.rules.comment = failing;
      },
    ],
    ["the helpdesk is away", (s: InboundSetup) => s.desk.script.next("addComment", fails("unavailable"))],
  ])("does not stay on our disk when %s", async (_name, arrange) => {
    const setup = await setUpPhoto();
    arrange(setup);
    await failureOf(setup.receive(photo(setup)));
    expect(await setup.filesOnDisk()).toEqual([]);
  });

  it("rests under a name of ours, whatever it is called", async () => {
    const setup = await setUpPhoto();
    const names: string[][] = [];
    setup.mapper.rules.comment = ({ message }) => ({ body: message.text });
    const { map } = setup.mapper;
    setup.mapper.map = async (folder, kind, input) => {
      if (kind === "comment") names.push(await setup.filesOnDisk());
      return map(folder, kind, input);
    };
    await setup.receive(photo(setup, { fileName: "../../etc/passwd" }));
    expect(names).toEqual([[expect.stringMatching(/^[0-9a-f]{20}$/)]]);
    expect(setup.desk.comments[0]?.files[0]?.name).toBe("passwd.jpg");
  });
});

function sha256(bytes: Buffer | undefined): string {
  return createHash("sha256")
    .update(bytes ?? "")
    .digest("hex");
}
