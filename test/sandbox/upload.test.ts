import type { Request } from "express";
import { expect, test } from "vitest";
import { allMimeTypes } from "../../src/sandbox/graph/media-kinds.ts";
import { handleUpload } from "../../src/sandbox/graph/upload.ts";
import { NUMBER, number } from "./graph-setup.ts";
import { quietWorld } from "./graph-world.ts";

async function upload(fields: Record<string, string>, file?: { bytes: number; type: string; part?: string }) {
  const { world } = quietWorld();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (file) {
    const blob = new Blob([new Uint8Array(file.bytes)], { type: file.type });
    form.set(file.part ?? "file", blob, "letter.bin");
  }
  const sent = new Response(form);
  const request = {
    get: () => sent.headers.get("content-type") ?? "",
    body: Buffer.from(await sent.arrayBuffer()),
  } as unknown as Request;
  return { world, answer: await handleUpload(world, number(), request) };
}

const product = { messaging_product: "whatsapp" };

test("an upload is kept as the business's file under the type it is told, and noted", async () => {
  const { world, answer } = await upload({ ...product, type: "audio/ogg" }, { bytes: 3, type: "video/mp4" });
  const { id } = answer.body as { id: string };
  expect(answer).toEqual({ status: 200, body: { id: expect.stringMatching(/^\d{16}$/) } });
  expect(world.media.get(id)).toMatchObject({
    phoneNumberId: NUMBER,
    mimeType: "audio/ogg",
    fileName: "letter.bin",
    bytes: Buffer.alloc(3),
    from: "business",
  });
  expect(world.journal.since(0)).toMatchObject([
    { kind: "upload", number: NUMBER, media: id, mimeType: "audio/ogg" },
  ]);
});

test("without a type of its own an upload has that of its part", async () => {
  const { world, answer } = await upload(product, { bytes: 1, type: "image/png" });
  expect(world.media.get((answer.body as { id: string }).id)?.mimeType).toBe("image/png");
});

const incomplete = "The parameters messaging_product and file are required.";
const types = `Param file must be a file with one of the following types: ${allMimeTypes().join(", ")}.`;
const size = (bytes: number) => `The file has ${bytes} bytes; 1 to 512000 are allowed for image/webp.`;

test.each<
  [
    what: string,
    fields: Record<string, string>,
    file: Parameters<typeof upload>[1],
    code: number,
    details: string,
  ]
>([
  ["no product", {}, { bytes: 1, type: "image/png" }, 100, incomplete],
  ["another product", { messaging_product: "sms" }, { bytes: 1, type: "image/png" }, 100, incomplete],
  ["no file", product, undefined, 100, incomplete],
  ["a file under another name", product, { bytes: 1, type: "image/png", part: "files" }, 100, incomplete],
  ["an archive", product, { bytes: 1, type: "application/zip" }, 100, types],
  ["no bytes", product, { bytes: 0, type: "image/webp" }, 131053, size(0)],
  ["a byte too many", product, { bytes: 512_001, type: "image/webp" }, 131053, size(512_001)],
])("an upload of %s is refused", async (_what, fields, file, code, details) => {
  const { world, answer } = await upload(fields, file);
  expect(answer).toMatchObject({ status: 400, body: { error: { code, error_data: { details } } } });
  expect(world.journal.since(0)).toEqual([]);
});

test("the largest sticker passes; a body that is no form is told", async () => {
  const { answer } = await upload(product, { bytes: 512_000, type: "image/webp" });
  expect(answer.status).toBe(200);
  const request = {
    get: () => "multipart/form-data; boundary=x",
    body: Buffer.from("no"),
  } as unknown as Request;
  const refused = await handleUpload(quietWorld().world, number(), request);
  const error = { code: 100, error_data: { details: "The body is no readable form." } };
  expect(refused).toMatchObject({ status: 400, body: { error } });
});
