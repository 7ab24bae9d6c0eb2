import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { tryScanner } from "../../src/inbound/scan-file.ts";
import { messageReceived } from "../support/builders.ts";
import { type Clamd, EICAR, startClamd } from "../support/clamd.ts";
import { failureOf } from "../support/failure-of.ts";
import { jpeg } from "../support/sample-files.ts";
import { setUpInbound } from "./inbound-setup.ts";

const big = Buffer.concat([jpeg, Buffer.alloc(300_000, 7)]);

/** A person sends a file while this scanner looks at all of them. */
async function setUp(clamd: Clamd, bytes: Buffer) {
  const setup = await setUpInbound({
    scan: { address: clamd.address, timeoutSeconds: 0.3, maxBytes: 400_000 },
  });
  setup.whatsapp.files.set("media-1", { bytes, mimeType: "image/jpeg" });
  const event = messageReceived({
    at: setup.clock.iso(),
    message: {
      type: "image",
      text: "Look",
      media: { id: "media-1", mimeType: "image/jpeg", fileName: "a.jpg" },
    },
  });
  await setup.accept(event);
  return { ...setup, event };
}

describe("S38: with files.scan", () => {
  it("a clean file is carried, after the scanner has seen all of it", async () => {
    const clamd = await startClamd();
    const { handle, event, desk } = await setUp(clamd, big);
    await handle(event);
    expect(desk.comments[0]?.files).toHaveLength(1);
    expect(clamd.scanned.map((bytes) => bytes.equals(big))).toEqual([true]);
  });

  it("it may listen on a socket of the file system", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "clamd-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const clamd = await startClamd({ path: path.join(folder, "clamd.ctl") });
    const { handle, event, desk } = await setUp(clamd, big);
    await handle(event);
    expect(desk.comments[0]?.files).toHaveLength(1);
  });

  it("EICAR is named with what was found, and neither carried nor kept", async () => {
    const { handle, event, desk, refused, filesOnDisk } = await setUp(await startClamd(), Buffer.from(EICAR));
    await handle(event);
    expect(desk.comments).toMatchObject([
      { body: "Look [a.jpg: not carried over, the virus scanner found Eicar-Test-Signature]", files: [] },
    ]);
    expect(refused).toEqual(["virus"]);
    expect(await filesOnDisk()).toEqual([]);
  });

  it.each([
    ["the limit that the settings tell", big.length * 2, Buffer.concat([big, big])],
    ["a limit that only the scanner knows", 300, jpeg],
  ])("a file above %s is named, never carried", async (_which, maxBytes, bytes) => {
    const { handle, event, desk, refused } = await setUp(await startClamd({ maxBytes }), bytes);
    await handle(event);
    expect(desk.comments[0]?.body).toBe(
      "Look [a.jpg: not carried over, it is too large for the virus scanner]",
    );
    expect([desk.comments[0]?.files, refused]).toEqual([[], ["not_scanned"]]);
  });

  it.each(["silent", "nonsense", "hangs_up", "error"] as const)(
    "a scanner that is %s holds the message, however often it is tried, until it gives a verdict",
    async (mode) => {
      const clamd = await startClamd();
      clamd.mode = mode;
      const { handle, event, desk, filesOnDisk, refused } = await setUp(clamd, big);
      for (const tries of [0, 5, 6, 100]) {
        expect(await failureOf(handle(event, tries))).toMatchObject({ kind: "unavailable", retryable: true });
      }
      expect([desk.comments, refused, await filesOnDisk()]).toEqual([[], [], []]);
      clamd.mode = "well";
      await handle(event, 101);
      expect(desk.comments[0]?.files).toHaveLength(1);
    },
  );

  it("one that is not there holds the message too", async () => {
    const setup = await setUp({ address: "127.0.0.1:1", scanned: [], mode: "well" }, big);
    expect(await failureOf(setup.handle(setup.event, 50))).toMatchObject({
      kind: "unavailable",
      retryable: true,
      operatorMessage: "virus scanner: ECONNREFUSED",
    });
    expect(setup.desk.comments).toEqual([]);
  });

  it("`deskferry check` asks whether it is there", async () => {
    const clamd = await startClamd();
    await expect(
      tryScanner({ address: clamd.address, timeoutSeconds: 1, maxBytes: 1 }),
    ).resolves.toBeUndefined();
    clamd.mode = "nonsense";
    await expect(tryScanner({ address: clamd.address, timeoutSeconds: 1, maxBytes: 1 })).rejects.toThrow(
      "it is no clamd",
    );
    await expect(tryScanner({ address: "127.0.0.1:1", timeoutSeconds: 1, maxBytes: 1 })).rejects.toThrow(
      "ECONNREFUSED",
    );
  });
});
