import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { saveDownload } from "../../src/sdk/index.ts";
import { failureOf } from "../support/failure-of.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "deskferry-save-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

const downloadOf = (text: string, headers: Record<string, string> = {}) => ({
  body: Readable.from([Buffer.from(text)]),
  headers,
});

it("a download is saved with the server's type, and its size is counted", async () => {
  const path = join(await folder(), "file");
  const download = downloadOf("hello", { "content-type": "text/plain", "content-length": "5" });
  expect(await saveDownload(download, { path, maxBytes: 5 })).toEqual({ mimeType: "text/plain", size: 5 });
  expect(await readFile(path, "utf8")).toBe("hello");
});

it("without a type it is bytes", async () => {
  const path = join(await folder(), "file");
  const saved = await saveDownload(downloadOf("hello"), { path, maxBytes: 5 });
  expect(saved).toEqual({ mimeType: "application/octet-stream", size: 5 });
});

it("one that is announced as too large is broken off before a byte is read", async () => {
  const place = await folder();
  const download = downloadOf("hello", { "content-length": "6" });
  const saving = saveDownload(download, { path: join(place, "file"), maxBytes: 5 });
  expect(await failureOf(saving)).toMatchObject({ kind: "rejected", code: "too_large" });
  expect(download.body.destroyed).toBe(true);
  expect(await readdir(place)).toEqual([]);
});

it("one that is larger than announced leaves nothing behind", async () => {
  const place = await folder();
  const download = downloadOf("hello!", { "content-length": "5" });
  const saving = saveDownload(download, { path: join(place, "file"), maxBytes: 5 });
  expect(await failureOf(saving)).toMatchObject({ kind: "rejected", code: "too_large" });
  expect(await readdir(place)).toEqual([]);
});

it("an announced hash is held against the bytes", async () => {
  const path = join(await folder(), "file");
  const hash = createHash("sha256").update("hello").digest("hex");
  await saveDownload(downloadOf("hello"), { path, maxBytes: 5 }, hash);
  const other = saveDownload(downloadOf("hullo"), { path, maxBytes: 5 }, hash);
  expect(await failureOf(other)).toMatchObject({ kind: "ambiguous", code: "hash_mismatch" });
  expect(await readFile(path, "utf8")).toBe("hello");
});
