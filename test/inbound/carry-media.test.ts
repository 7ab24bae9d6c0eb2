import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { type Carried, withMedia } from "../../src/inbound/carry-media.ts";
import type { InboundTools } from "../../src/inbound/tools.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { messageReceived } from "../support/builders.ts";

const MEDIA = { id: "media-1", mimeType: "text/plain", fileName: "note.txt" };
const file = (id: string, media: object = {}) =>
  messageReceived({ id, message: { type: "document", text: "", media: { ...MEDIA, ...media } } });

interface Given {
  /** What fetching does; writes "words" unless told otherwise. */
  fetch?: (target: string) => Promise<void>;
  maxAttachmentBytes?: number;
  stripMetadata?: boolean;
  content?: string;
}

async function setUp({
  fetch,
  maxAttachmentBytes = 1000,
  stripMetadata = false,
  content = "words",
}: Given = {}) {
  const base = await mkdtemp(path.join(tmpdir(), "deskferry-carry-"));
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  const folder = path.join(base, "media");
  const asked: { path: string; maxBytes: number }[] = [];
  const refused: string[] = [];
  const tools = {
    media: { folder, maxBytes: 500 },
    connector: { capabilities: { maxAttachmentBytes } },
    files: { refuse: ["program"], stripMetadata },
    noteRefusedFile: (why: string) => void refused.push(why),
    channel: {
      fetchMedia: async (_media: object, target: { path: string; maxBytes: number }) => {
        asked.push(target);
        if (fetch) await fetch(target.path);
        else await writeFile(target.path, content);
        return { mimeType: "text/plain", size: content.length };
      },
    },
  } as unknown as InboundTools;
  const onDisk = () => readdir(folder).catch(() => []);
  const carry = (messages: ReturnType<typeof file>[], tries = 0) =>
    withMedia({ messages, tries }, tools, async (carried) => ({
      carried: carried.map((one) => one.carried),
      during: await onDisk(),
      read: await Promise.all(
        carried.map(({ carried: one }) => (one && "attachment" in one ? text(one.attachment.open()) : "")),
      ),
    }));
  return { carry, asked, refused, onDisk, tools };
}

const failing = (kind: "rejected" | "unavailable") => () =>
  Promise.reject(new PluginError({ kind, operatorMessage: "fetch file: no" }));

it("the files of several messages rest on our disk while they are used, under names of ours, and then do not", async () => {
  const { carry, onDisk, asked } = await setUp();
  const { carried, during, read } = await carry([file("m1"), messageReceived({ id: "m2" }), file("m3")]);
  expect(carried.map((one) => one?.name)).toEqual(["note.txt", undefined, "note.txt"]);
  expect(read).toEqual(["words", "", "words"]);
  expect(during).toHaveLength(2);
  expect(during.join()).not.toMatch(/note|m1|m3/);
  expect(await onDisk()).toEqual([]);
  expect(asked.map(({ maxBytes }) => maxBytes)).toEqual([500, 500]);
});

it("P17: no more is fetched than the helpdesk takes, and nothing where it takes no files", async () => {
  const small = await setUp({ maxAttachmentBytes: 100 });
  await small.carry([file("m1")]);
  expect(small.asked[0]?.maxBytes).toBe(100);
  const none = await setUp({ maxAttachmentBytes: 0 });
  const { carried } = await none.carry([file("m1")]);
  expect(carried).toEqual([{ name: "note.txt", missing: "this helpdesk takes no files" }]);
  expect([none.asked, await none.onDisk()]).toEqual([[], []]);
});

it("a file that was never written costs neither the words nor the tidying up", async () => {
  const { carry } = await setUp({ fetch: failing("rejected") });
  expect((await carry([file("m1")])).carried).toEqual([{ name: "note.txt", missing: "fetch file: no" }]);
});

it("P16: a passing fault is tried again six times, and then costs the file, not the words", async () => {
  const { carry } = await setUp({ fetch: failing("unavailable") });
  await expect(carry([file("m1")], 0)).rejects.toMatchObject({ kind: "unavailable" });
  await expect(carry([file("m1")], 5)).rejects.toMatchObject({ kind: "unavailable" });
  expect((await carry([file("m1")], 6)).carried).toEqual([{ name: "note.txt", missing: "fetch file: no" }]);
  const broken = await setUp({ fetch: () => Promise.reject(new TypeError("odd")) });
  await expect(broken.carry([file("m1")], 9)).rejects.toThrow(TypeError);
});

it("what fails later takes the files off our disk as well", async () => {
  const { tools, onDisk } = await setUp();
  let during: string[] = [];
  const use = async () => {
    during = await onDisk();
    throw new Error("the helpdesk is down");
  };
  await expect(withMedia({ messages: [file("m1")], tries: 0 }, tools, use)).rejects.toThrow("down");
  expect([during.length, await onDisk()]).toEqual([1, []]);
});

it("an empty file is told of as missing, and counted", async () => {
  const { carry, refused } = await setUp({ content: "" });
  expect((await carry([file("m1")])).carried).toEqual([{ name: "note.txt", missing: "it is empty" }]);
  expect(refused).toEqual(["empty"]);
});

it.each([true, false])(
  "a file of no kind that is known goes as it came, whether or not others are stripped: %s",
  async (stripMetadata) => {
    const { carry, refused } = await setUp({ stripMetadata });
    const { carried, read } = await carry([file("m1")]);
    const [one] = carried as [Carried];
    expect("attachment" in one && one.attachment).toMatchObject({ mimeType: "text/plain", size: 5 });
    expect([read, refused]).toEqual([["words"], []]);
  },
);
