import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AttachmentRef } from "../connector.ts";
import { attachmentOf, type Bench, eventually, repliedWith } from "./bench.ts";
import { startElsewhere } from "./elsewhere.ts";
import { assertKind, errorOf } from "./error-kinds.ts";
import { readAll } from "./fault-proxy.ts";
import type { Group } from "./group.ts";

const PLENTY = 100_000_000;

/** What staff attach: bytes that a server may be tempted to convert, and some megabytes. */
function files() {
  const everyByte = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
  return [
    attachmentOf("photo.jpg", "image/jpeg", Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), everyByte])),
    attachmentOf(
      "plan.pdf",
      "application/pdf",
      Buffer.from("%PDF-1.4\r\n\u0000\u0001\n--boundary--\r\n", "latin1"),
    ),
    attachmentOf("note.txt", "text/plain", Buffer.from("plain words\nof two lines\n")),
    attachmentOf("film.mp4", "video/mp4", randomBytes(3 * 1024 * 1024)),
  ];
}

/** Files that staff attach to a reply, on their way to the person. */
export const fetchingGroup: Group = {
  inapplicable({ fetchAttachment }) {
    return fetchAttachment ? undefined : "files of replies stay in the helpdesk";
  },
  define({ example, test }) {
    test("files of a reply come as staff attached them, byte for byte", async (bench) => {
      const given = files();
      const { id } = await bench.ticket();
      const refs = await repliedWith(bench.harness, id, given);
      assert.equal(refs.length, given.length);
      for (const [index, { name, open }] of given.entries()) {
        const ref = refs[index];
        assert.ok(ref, `${name}: no id was told`);
        const { bytes, size } = await fetchOf(bench, ref);
        const expected = await readAll(open());
        assert.ok(bytes.equals(expected), `${name}: other bytes`);
        assert.equal(size, expected.length);
      }
    });
    if (example.capabilities.changes.includes("poll")) {
      test("the event of a reply names its files as they are fetched", async (bench) => {
        const { id } = await bench.ticket();
        let cursor = (await bench.connector.listChanges?.(undefined))?.cursor;
        const refs = await repliedWith(bench.harness, id, files().slice(0, 2));
        const named = await eventually(async () => {
          const answer = await bench.connector.listChanges?.(cursor);
          cursor = answer?.cursor;
          return answer?.events.find((event) => event.type === "comment.added" && event.ticket.id === id);
        }, 15_000);
        assert.ok(named?.type === "comment.added", "the reply did not arrive");
        assert.deepEqual(
          named.attachments,
          refs.map(({ id: file, name }) => ({ id: file, name })),
        );
      });
    }
    test("a file over the limit is refused, and nothing of it stays", async (bench) => {
      const ref = await bench.sampleFile();
      const { size } = await fetchOf(bench, ref);
      const error = await assertKind(() => fetchOf(bench, ref, size - 1), ["rejected"]);
      assert.equal(error.code, "too_large");
      assert.deepEqual(await readdir(bench.folder), []);
    });
    test("a file that is not there is not found", async (bench) => {
      const id = bench.harness.missingFileId ?? "999999999";
      await assertKind(async () => fetchOf(bench, { ...(await bench.sampleFile()), id }), ["not_found"]);
      assert.deepEqual(await readdir(bench.folder), []);
    });
    test("a file that breaks off is unclear, and nothing of it stays", async (bench) => {
      const ref = await bench.sampleFile();
      bench.proxy.set(() => ({ kind: "reset", after: true }));
      try {
        await assertKind(() => fetchOf(bench, ref), ["ambiguous"]);
      } finally {
        bench.proxy.clear();
      }
      assert.deepEqual(await readdir(bench.folder), []);
    });
    test("the id of a file leads to no other host and to nothing but a file", async (bench) => {
      const elsewhere = await startElsewhere();
      const ref = await bench.sampleFile();
      try {
        for (const id of [
          elsewhere.url,
          `//${new URL(elsewhere.url).host}/`,
          "../../../",
          `${ref.id}/../..`,
          "?",
        ]) {
          assert.ok(await errorOf(() => fetchOf(bench, { ...ref, id })), `something was fetched for ${id}`);
        }
        assert.equal(elsewhere.requests(), 0, "the other server was called");
      } finally {
        await elsewhere.stop();
      }
    });
  },
};

async function fetchOf({ connector, folder }: Bench, ref: AttachmentRef, maxBytes = PLENTY) {
  const path = join(folder, "fetched");
  const fetched = await connector.fetchAttachment?.(ref, { path, maxBytes });
  assert.ok(fetched, "nothing was told of the file");
  const bytes = await readFile(path);
  await rm(path);
  return { ...fetched, bytes };
}
