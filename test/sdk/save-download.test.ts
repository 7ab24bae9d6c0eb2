import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { saveDownload } from "../../src/sdk/index.ts";
import { digestOf, saveFile } from "../../src/sdk/save-file.ts";
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

it("nor does one that breaks off while its file is still being opened, of 500 tries", async () => {
  const place = await folder();
  async function* tooLarge() {
    yield Buffer.from("ab");
  }
  for (let index = 0; index < 500; index++) {
    const saving = saveFile(
      Readable.from(tooLarge()),
      { path: join(place, `${index}`), maxBytes: 1 },
      undefined,
    );
    expect(await failureOf(saving)).toMatchObject({ code: "too_large" });
  }
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

const hex = createHash("sha256").update("hello").digest("hex");

it.each([
  ["hex", hex, hex],
  ["hex in capitals", hex.toUpperCase(), hex],
  ["base64", Buffer.from(hex, "hex").toString("base64"), hex],
  ["base64 for addresses", Buffer.from(hex, "hex").toString("base64url"), hex],
  ["too much hex", `${hex}0`, undefined],
  ["something before the hex", `x${hex}`, undefined],
  ["too little hex", hex.slice(1), undefined],
  ["other words", "none", undefined],
  ["nothing", undefined, undefined],
])("an announced hash is known as %s", (_what, announced, digest) => {
  expect(digestOf(announced)).toBe(digest);
});

it("a disk that cannot be written is not the sender's fault: it is tried again", async () => {
  const download = downloadOf("hello");
  const saving = saveDownload(download, { path: join(await folder(), "none", "file"), maxBytes: 5 });
  expect(await failureOf(saving)).toMatchObject({
    kind: "unavailable",
    code: "ENOENT",
    message: "fetch file: it cannot be written to disk (ENOENT)",
  });
  expect(download.body.destroyed).toBe(true);
});

it("nor is it unseen when the connection breaks before the file is open", async () => {
  const place = await folder();
  const body = new Readable({ read: () => undefined });
  const saving = saveFile(body, { path: join(place, "file"), maxBytes: 5 }, undefined);
  body.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  expect(await failureOf(saving)).toMatchObject({ kind: "ambiguous", code: "ECONNRESET" });
  expect(await readdir(place)).toEqual([]);
});

it("a connection that breaks leaves nothing behind, and what became of it is unclear", async () => {
  const place = await folder();
  const broken = new Readable({
    read() {
      this.destroy(Object.assign(new Error("secret"), { code: "ECONNRESET" }));
    },
  });
  const failure = await failureOf(saveFile(broken, { path: join(place, "file"), maxBytes: 5 }, undefined));
  expect(failure).toMatchObject({
    kind: "ambiguous",
    code: "ECONNRESET",
    message: "fetch file: the connection broke (ECONNRESET)",
  });
  expect(await readdir(place)).toEqual([]);
});
