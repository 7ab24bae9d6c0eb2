import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { attachmentOf, type Bench } from "./bench.ts";
import { say } from "./comments-group.ts";
import type { Group } from "./group.ts";

/** Files that a server may be tempted to convert, rename or leave out. */
function files() {
  const everyByte = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
  return [
    attachmentOf("photo.jpg", "image/jpeg", everyByte),
    attachmentOf("letter.txt", "text/plain", Buffer.from("caf\xe9 \xa3 5\r\nline two\n", "latin1")),
    attachmentOf("utf16.txt", "text/plain", Buffer.from("\ufeffwide", "utf16le")),
    attachmentOf("page.html", "text/html", Buffer.from("<html><script>alert(1)</script>\r\n</html>")),
    attachmentOf("Zoë's «plan» 🏠.pdf", "application/pdf", Buffer.from("%PDF-1.4\n\u0000\u0001")),
    attachmentOf("voice.ogg", "audio/ogg; codecs=opus", Buffer.from("OggS\u0000\r\n\r\n--boundary--\r\n")),
    attachmentOf("card.vcf", "text/vcard", Buffer.from("BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD\r\n")),
  ];
}

const digestOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

export const attachmentsGroup: Group = {
  inapplicable({ capabilities }) {
    return capabilities.maxAttachmentBytes === 0 ? "the connector attaches no files" : undefined;
  },
  define({ test }) {
    test("P16: files arrive byte for byte, in their order", async (bench) => {
      const given = files();
      const expected = [];
      for (const file of given) expected.push(digestOf(await bytesOf(file)));
      assert.deepEqual(
        (await attachedTo(bench, given)).map(({ bytes }) => digestOf(bytes)),
        expected,
      );
    });
    test("a file keeps its name, in any script", async (bench) => {
      const names = (await attachedTo(bench, files())).map(({ name }) => name);
      assert.equal(names[0], "photo.jpg");
      assert.ok(names[4]?.includes("Zoë's «plan» 🏠"), "the name with other letters was lost");
    });
    test("a file name cannot break out of its place", async (bench) => {
      const name = 'a"; filename="evil.exe"\r\nX-Header: 1\\..\\../etc/passwd\u0000.png';
      const [file, ...others] = await attachedTo(bench, [
        attachmentOf(name, "image/png", Buffer.from("png")),
      ]);
      assert.equal(others.length, 0);
      assert.equal(file?.bytes.toString(), "png");
      assert.notEqual(file?.name, "evil.exe");
    });
    test("an odd type cannot break out of its place", async (bench) => {
      const type = "image/png\r\nX-Header: 1";
      const [file] = await attachedTo(bench, [attachmentOf("a.png", type, Buffer.from("png"))]);
      assert.equal(file?.bytes.toString(), "png");
    });
    test("P17: a file of some megabytes arrives", async (bench) => {
      const bytes = Buffer.alloc(
        Math.min(3 * 1024 * 1024, bench.connector.capabilities.maxAttachmentBytes),
        "0123456789abcdef",
      );
      const [file] = await attachedTo(bench, [attachmentOf("film.mp4", "video/mp4", bytes)]);
      assert.equal(file && digestOf(file.bytes), digestOf(bytes));
    });
  },
};

async function bytesOf(file: ReturnType<typeof attachmentOf>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.open()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The files of a new comment as the helpdesk shows them. */
async function attachedTo(bench: Bench, attachments: ReturnType<typeof attachmentOf>[]) {
  const body = `with files ${bench.unique()}`;
  const comment = await say(bench, body, { body, attachments });
  assert.ok(comment, "the comment is not there");
  return comment.attachments;
}
