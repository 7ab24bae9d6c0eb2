import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { inspectFile } from "../../src/inbound/inspect-file.ts";
import { scanFile, tryScanner } from "../../src/inbound/scan-file.ts";

let folder: string;
let file: string;
let server: Server | undefined;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "scan-"));
  file = path.join(folder, "a.txt");
  writeFileSync(file, "hello");
});
afterEach(() => {
  server?.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A scanner that says this to whatever it is asked, and hangs up. */
async function scanner(reply: string, maxBytes = 5) {
  const address = path.join(folder, `${randomUUID().slice(0, 8)}.ctl`);
  const heard: Buffer[] = [];
  const made = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (part) => {
      heard.push(part);
      const all = Buffer.concat(heard);
      if (all.includes("zPING") || all.subarray(-4).equals(Buffer.alloc(4)))
        socket.end(Buffer.from(reply, "latin1"));
    });
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(address, resolve));
  return { settings: { address, timeoutSeconds: 5, maxBytes }, heard: () => Buffer.concat(heard) };
}

test.each([
  ["stream: OK\0", { is: "clean" }],
  ["stream: OK \0 and more", { is: "clean" }],
  ["stream: Eicar-Test.A FOUND\0", { is: "found", name: "Eicar-Test.A" }],
  ["stream: <b>x\u00e9 y:z/1_2 FOUND\0", { is: "found", name: "bx y:z/1_2" }],
  [`stream: ${"x".repeat(81)} FOUND\0`, { is: "found", name: "x".repeat(80) }],
  ["INSTREAM size limit exceeded. ERROR\0", { is: "too_large" }],
])("a scanner that says %j has given its verdict", async (reply, verdict) => {
  const { settings, heard } = await scanner(reply);
  expect(await scanFile(file, 5, settings)).toEqual(verdict);
  const frame = Buffer.concat([
    Buffer.from("zINSTREAM\0"),
    Buffer.from([0, 0, 0, 5]),
    Buffer.from("hello"),
    Buffer.alloc(4),
  ]);
  expect(heard()).toEqual(frame);
});

const away = (reason: string) => ({
  name: "ScannerAway",
  kind: "unavailable",
  retryable: true,
  message: `virus scanner: ${reason}`,
  operatorMessage: `virus scanner: ${reason}`,
});

test.each([
  ["stream: PERHAPS\0", "it answers something else than a verdict"],
  ["so, stream: a FOUND\0", "it answers something else than a verdict"],
  ["stream: a FOUND it\0", "it answers something else than a verdict"],
  ["sorry: INSTREAM size limit exceeded\0", "it answers something else than a verdict"],
  ["stream: OK", "it hung up without a verdict"],
  ["x".repeat(5000), "it hung up without a verdict"],
])("a scanner that says %j gives none", async (reply, reason) => {
  const { settings } = await scanner(reply);
  await expect(scanFile(file, 5, settings)).rejects.toMatchObject(away(reason));
});

test("a file above its limit is not even sent", async () => {
  const { settings, heard } = await scanner("stream: OK\0", 4);
  expect([await scanFile(file, 5, settings), heard().length]).toEqual([{ is: "too_large" }, 0]);
});

test("it is tried with a ping", async () => {
  const { settings, heard } = await scanner("PONG\0");
  await tryScanner(settings);
  expect(heard().toString()).toBe("zPING\0");
  const other = await scanner("HTTP/1.1 400\0");
  await expect(tryScanner(other.settings)).rejects.toMatchObject(away("it is no clamd"));
  const nobody = { address: "127.0.0.1:1", timeoutSeconds: 5, maxBytes: 1 };
  await expect(tryScanner(nobody)).rejects.toMatchObject(away("ECONNREFUSED"));
});

const media = { id: "m", mimeType: "text/plain", fileName: "a.txt" };
const fetched = (size: number) => ({ path: file, size, mimeType: "text/plain" });

test.each([
  ["stream: OK\0", 5, { mimeType: "text/plain", size: 5 }],
  [
    "stream: OK\0",
    4,
    { why: "not_scanned", reason: "not carried over, it is too large for the virus scanner" },
  ],
  ["stream: Bad FOUND\0", 5, { why: "virus", reason: "not carried over, the virus scanner found Bad" }],
])("of a file whose scanner says %j, with a limit of %i, staff read why", async (reply, limit, inspected) => {
  const { settings } = await scanner(reply, limit);
  const policy = { refuse: [], stripMetadata: false, scan: settings };
  expect(await inspectFile(fetched(5), media, policy)).toEqual(inspected);
});

test("an empty file is told, and without a scanner nobody looks", async () => {
  const policy = { refuse: [], stripMetadata: false };
  expect(await inspectFile(fetched(0), media, policy)).toEqual({ reason: "it is empty", why: "empty" });
  expect(await inspectFile(fetched(5), media, policy)).toEqual({ mimeType: "text/plain", size: 5 });
});
