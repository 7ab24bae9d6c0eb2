import { describe, expect, it } from "vitest";
import { messageReceived } from "../support/builders.ts";
import { jpeg, pdf, samples, text } from "../support/sample-files.ts";
import { type SetupOptions, setUpInbound } from "./inbound-setup.ts";

interface Sent {
  bytes: Buffer;
  name?: string;
  declared?: string;
}

/** A person sends a file; resolves with what stands in the helpdesk. */
async function send({ bytes, name, declared = "image/jpeg" }: Sent, options: SetupOptions = {}) {
  const setup = await setUpInbound(options);
  setup.whatsapp.files.set("media-1", { bytes, mimeType: declared });
  const media = { id: "media-1", mimeType: declared, ...(name === undefined ? {} : { fileName: name }) };
  await setup.receive(
    messageReceived({ at: "2026-11-02T09:08:07.000Z", message: { type: "document", text: "Look", media } }),
  );
  const [comment] = setup.desk.comments;
  const files = comment?.files.map((file) => `${file.name} ${file.mimeType}`);
  return { body: comment?.body, files, refused: setup.refused, onDisk: await setup.filesOnDisk(), setup };
}

const arrived = ({ setup }: Awaited<ReturnType<typeof send>>) => setup.desk.comments[0]?.files[0]?.bytes;
const bytesOf = (wanted: string) => samples.find(([, what]) => what === wanted)?.[2] ?? Buffer.alloc(0);

describe("S35: a file that is not what it is called", () => {
  it.each([
    ["a program", "photo.jpg", "program", "a program"],
    ["a script", "notes.txt", "script", "a script"],
    ["a page", "invoice.pdf", "page", "a page or drawing that can hold scripts"],
    ["a drawing", "photo.png", "page", "a page or drawing that can hold scripts"],
    ["a letter with macros", "letter.docx", "macros", "a document with macros"],
  ])("%s called %s is named with the reason, and not carried", async (what, name, why, words) => {
    expect(await send({ bytes: bytesOf(what), name })).toMatchObject({
      body: `Look [${name}: not carried over, it is ${words}]`,
      files: [],
      refused: [why],
      onDisk: [],
    });
  });

  it("is carried all the same where the settings want that, under its true type and name", async () => {
    const sent = { bytes: bytesOf("a page"), name: "invoice.pdf", declared: "application/pdf" };
    expect(await send(sent, { refuse: ["program"] })).toMatchObject({
      files: ["invoice.pdf.html text/html"],
      refused: [],
    });
  });

  it("S35: of no bytes is named as empty", async () => {
    expect(await send({ bytes: Buffer.alloc(0), name: "scan.pdf" })).toMatchObject({
      body: "Look [scan.pdf: it is empty]",
      refused: ["empty"],
    });
  });

  it.each([
    [{ bytes: pdf, name: "photo.jpg", declared: "image/jpeg" }, "photo.jpg.pdf application/pdf"],
    [{ bytes: jpeg, name: "setup.exe", declared: "image/jpeg" }, "setup.exe.jpg image/jpeg"],
    [{ bytes: jpeg, name: "page.html", declared: "text/html" }, "page.html.jpg image/jpeg"],
    [{ bytes: jpeg, declared: "image/png" }, "document-20261102-090807.jpg image/jpeg"],
    [{ bytes: text, name: "hours.csv", declared: "text/csv" }, "hours.csv text/csv"],
    [
      { bytes: bytesOf("an archive"), name: "a.html", declared: "application/zip" },
      "a.html.zip application/zip",
    ],
    [
      { bytes: Buffer.from([1, 0, 2]), name: "plan.dwg", declared: "image/vnd.dwg" },
      "plan.dwg application/octet-stream",
    ],
    [
      { bytes: jpeg, name: `${"a".repeat(400)}.exe`, declared: "image/jpeg" },
      `${"a".repeat(116)}.jpg image/jpeg`,
    ],
  ] as const)("but harmless goes on under the type of its bytes: case %#", async (sent, expected) => {
    expect(await send(sent)).toMatchObject({ files: [expected], refused: [] });
  });
});

describe("S37: with files.stripMetadata", () => {
  const place = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 8]), Buffer.from("51.5N ")]);
  const photo = Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    place,
    Buffer.from([0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]),
  ]);

  it("a photo arrives without its place, byte for byte otherwise, and nothing stays on our disk", async () => {
    const sent = await send({ bytes: photo, name: "a.jpg" }, { stripMetadata: true });
    expect(arrived(sent)?.toString("hex")).toBe("ffd8ffda0002010203ffd9");
    expect(sent.onDisk).toEqual([]);
    expect(arrived(await send({ bytes: photo, name: "a.jpg" }))).toEqual(photo);
  });

  it.each([
    ["that breaks off", photo.subarray(0, 14), "a.jpg"],
    ["of a format that we cannot take apart", bytesOf("a photo of a new phone"), "a.heic"],
  ])("a picture %s is named instead of being carried with it", async (_what, bytes, name) => {
    expect(await send({ bytes, name }, { stripMetadata: true })).toMatchObject({
      body: `Look [${name}: not carried over, what it tells of place and device cannot be removed]`,
      files: [],
      refused: ["metadata"],
    });
  });

  it("a document goes as it is", async () => {
    expect(arrived(await send({ bytes: pdf, name: "a.pdf" }, { stripMetadata: true }))).toEqual(pdf);
  });
});
