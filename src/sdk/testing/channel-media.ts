import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChannelBench } from "./channel-bench.ts";
import type { ChannelTests } from "./channel-conformance.ts";
import { assertKind } from "./error-kinds.ts";

const PLENTY = 100_000_000;

export const mediaTests: ChannelTests = {
  "a file arrives whole, with its size and type": async (bench) => {
    const { ref, bytes } = bench.harness.media;
    const sha256 = createHash("sha256").update(bytes).digest("base64");
    const path = join(bench.folder, "file");
    try {
      const { size, mimeType } = await bench.channel.fetchMedia(
        { ...ref, sha256 },
        { path, maxBytes: PLENTY },
      );
      assert.equal(size, bytes.length);
      assert.equal(mimeType, ref.mimeType);
      assert.ok(bytes.equals(await readFile(path)), "other bytes");
    } finally {
      // The tests after it look for what stayed.
      await rm(path, { force: true });
    }
  },
  "a file over the limit is refused, and nothing of it stays": async (bench) => {
    const { ref, bytes } = bench.harness.media;
    const target = { path: join(bench.folder, "file"), maxBytes: bytes.length - 1 };
    const error = await assertKind(() => bench.channel.fetchMedia(ref, target), ["rejected"]);
    assert.equal(error.code, "too_large");
    await assertEmpty(bench);
  },
  "a file with another hash than announced is not taken": async (bench) => {
    const sha256 = createHash("sha256").update("something else").digest("base64");
    const target = { path: join(bench.folder, "file"), maxBytes: PLENTY };
    await assertKind(
      () => bench.channel.fetchMedia({ ...bench.harness.media.ref, sha256 }, target),
      ["ambiguous"],
    );
    await assertEmpty(bench);
  },
  "a file that breaks off is unclear, and nothing of it stays": async (bench) => {
    bench.proxy.set(() => ({ kind: "reset", after: true }));
    const target = { path: join(bench.folder, "file"), maxBytes: PLENTY };
    await assertKind(() => bench.channel.fetchMedia(bench.harness.media.ref, target), ["ambiguous"]);
    await assertEmpty(bench);
  },
};

async function assertEmpty({ folder }: ChannelBench): Promise<void> {
  assert.deepEqual(await readdir(folder), []);
}
