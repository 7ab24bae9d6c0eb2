import { createHash } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import { until } from "../support/until.ts";

const ALBUMS = 100;
const PHOTOS = 10;

/** One intake and two workers, until the test ends. */
async function openStack(name: string, messagesPerComment: number): Promise<Stack> {
  const redisUrl = process.env["REDIS_URL"] ?? "";
  const stack = await startStack({ redisUrl, name: `${name}-${process.pid}`, messagesPerComment });
  onTestFinished(() => stack.stop());
  await stack.start("intake");
  await stack.start("worker");
  await stack.start("worker");
  return stack;
}

/** A photo unlike any other: the emulator and the helpdesk only look at its bytes. */
function photo(person: number, index: number): Buffer {
  return createHash("sha512").update(`${person}/${index}`).digest();
}

/** A text and ten photos, each in its own webhook, all at once, as WhatsApp delivers an album. */
async function sendAlbum(stack: Stack, person: number): Promise<void> {
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

/** What the helpdesk holds once every photo is there; checks contacts, tickets, order and bytes. */
async function albumsArrive(stack: Stack, albums: number): Promise<DeskLedger> {
  const files = ({ tickets }: DeskLedger) =>
    tickets.flatMap(({ comments }) => comments.flatMap(({ attachments }) => attachments));
  const areThere = async () => files(await stack.deskLedger()).length >= albums * PHOTOS;
  await until(`${albums * PHOTOS} photos`, areThere, { withinMs: 120_000, everyMs: 200 });

  const ledger = await stack.deskLedger();
  expect(ledger.contacts).toHaveLength(albums);
  expect(ledger.tickets).toHaveLength(albums);
  for (const { contact_id, comments } of ledger.tickets) {
    const contact = ledger.contacts.find(({ id }) => id === contact_id);
    const person = Number(contact?.phone?.slice(-6)) - 900_000;
    const words = comments.flatMap(({ body }) =>
      [...body.matchAll(/photo (\d+)/g)].map(([, number]) => number),
    );
    expect(words).toEqual(Array.from({ length: PHOTOS + 1 }, (_, index) => String(index)));
    const hashes = comments.flatMap(({ attachments }) => attachments.map(({ sha256 }) => sha256));
    const sent = Array.from({ length: PHOTOS }, (_, index) => photo(person, index + 1));
    expect(hashes).toEqual(sent.map((bytes) => createHash("sha256").update(bytes).digest("hex")));
  }
  return ledger;
}

it("P01: an album of ten photos from a new person, 100 times, makes one contact and one ticket each, with eleven comments in order", async () => {
  const stack = await openStack("album", 1);
  for (let person = 0; person < ALBUMS; person++) await sendAlbum(stack, person);
  const { tickets } = await albumsArrive(stack, ALBUMS);
  for (const { comments } of tickets) expect(comments).toHaveLength(PHOTOS + 1);
}, 180_000);

it("P01: where messages may join, the same albums make at most four comments each, with every photo in order", async () => {
  const stack = await openStack("joined-album", 11);
  for (let person = 0; person < 20; person++) await sendAlbum(stack, person);
  const { tickets } = await albumsArrive(stack, 20);
  const counts = tickets.map(({ comments }) => comments.length);
  console.log(`comments an album: ${counts.join(" ")}`);
  expect(Math.max(...counts)).toBeLessThanOrEqual(4);
}, 180_000);
