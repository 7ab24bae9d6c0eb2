import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { until } from "../support/until.ts";

const ALBUMS = 100;
const PHOTOS = 10;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ redisUrl: process.env["REDIS_URL"] ?? "", name: `album-${process.pid}` });
  await stack.start("intake");
  await stack.start("worker");
  await stack.start("worker");
});
afterAll(() => stack.stop());

/** A photo unlike any other: the emulator and the helpdesk only look at its bytes. */
function photo(person: number, index: number): Buffer {
  return createHash("sha512").update(`${person}/${index}`).digest();
}

/** A text and ten photos, each in its own webhook, all at once, as WhatsApp delivers an album. */
async function sendAlbum(person: number): Promise<void> {
  const sentAt = Date.now() - 60_000;
  const photos = Array.from({ length: PHOTOS }, (_, index) => ({
    type: "image",
    text: `photo ${index + 1}`,
    media: { mimeType: "image/jpeg", base64: photo(person, index + 1).toString("base64") },
    sentAt: sentAt + (index + 1) * 1000,
  }));
  await stack.graph("POST", "/messages", {
    delivery: "album",
    wait: true,
    person: { phone: `+447700${900_000 + person}`, name: `Person ${person}` },
    messages: [{ text: "photo 0", sentAt }, ...photos],
  });
}

it("P01: an album of ten photos from a new person, 100 times, makes one contact and one ticket each, with eleven comments in order", async () => {
  for (let person = 0; person < ALBUMS; person++) await sendAlbum(person);
  const expected = ALBUMS * (PHOTOS + 1);
  const areThere = async () => {
    const { tickets } = await stack.deskLedger();
    return tickets.flatMap((ticket) => ticket.comments).length >= expected;
  };
  await until(`${expected} comments`, areThere, { withinMs: 120_000, everyMs: 200 });

  const { contacts, tickets } = await stack.deskLedger();
  expect(contacts).toHaveLength(ALBUMS);
  expect(tickets).toHaveLength(ALBUMS);
  for (const { contact_id, comments } of tickets) {
    const contact = contacts.find(({ id }) => id === contact_id);
    const person = Number(contact?.phone?.slice(-6)) - 900_000;
    expect(comments.map(({ body }) => /photo (\d+)/.exec(body)?.[1])).toEqual(
      Array.from({ length: PHOTOS + 1 }, (_, index) => String(index)),
    );
    const hashes = comments.flatMap(({ attachments }) => attachments.map(({ sha256 }) => sha256));
    const sent = Array.from({ length: PHOTOS }, (_, index) => photo(person, index + 1));
    expect(hashes).toEqual(sent.map((bytes) => createHash("sha256").update(bytes).digest("hex")));
  }
}, 180_000);
