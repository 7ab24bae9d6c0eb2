import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createIds } from "../../src/sandbox/graph/ids.ts";
import { createMediaStore, sha256Of } from "../../src/sandbox/graph/media.ts";

const DAY = 86_400_000;

function setUp() {
  const clock = { at: 1_000_000, now: () => clock.at };
  let drawn = 0;
  const random = (bytes: number) => {
    drawn += 1;
    return Buffer.alloc(bytes, drawn);
  };
  const store = createMediaStore({ clock, ids: createIds(random) });
  const add = (from: "person" | "business") =>
    store.add({ phoneNumberId: "1", mimeType: "image/png", bytes: Buffer.from("x"), from });
  const queryOf = (address: string) => Object.fromEntries(new URL(address).searchParams);
  return { clock, store, add, queryOf };
}

test.each([
  ["person", 7],
  ["business", 30],
] as const)("a file of a %s is kept for %i days", (from, days) => {
  const { clock, store, add } = setUp();
  const media = add(from);
  expect(media).toMatchObject({ id: expect.stringMatching(/^\d{16}$/), createdAt: 1_000_000, from });
  clock.at += days * DAY - 1;
  expect(store.get(media.id)).toBe(media);
  clock.at += 1;
  expect(store.get(media.id)).toBeUndefined();
  expect(store.get("9")).toBeUndefined();
});

test("an address opens its file for five minutes", () => {
  const { clock, store, add, queryOf } = setUp();
  const media = add("person");
  const address = store.addressOf(media, "http://graph.test");
  expect(address).toMatch(
    /^http:\/\/graph\.test\/whatsapp_business\/attachments\/\?mid=\d{16}&ext=1300000&hash=[0-9a-f]{64}$/,
  );
  clock.at += 299_999;
  expect(store.open(queryOf(address))).toBe(media);
  clock.at += 1;
  expect(store.open(queryOf(address))).toBeUndefined();
});

test("a forged address opens nothing", () => {
  const { store, add, queryOf } = setUp();
  const [mine, theirs] = [add("person"), add("person")];
  const query = queryOf(store.addressOf(mine, "http://graph.test"));
  expect(store.open({ ...query, mid: theirs.id })).toBeUndefined();
  expect(store.open({ ...query, ext: "1300001" })).toBeUndefined();
  expect(store.open({ ...query, hash: "" })).toBeUndefined();
  expect(store.open({})).toBeUndefined();
  expect(store.open(query)).toBe(mine);
});

test("the hash of a file comes in hex and in base64", () => {
  const media = setUp().add("person");
  const hash = createHash("sha256").update("x");
  expect(sha256Of(media, "hex")).toBe(hash.copy().digest("hex"));
  expect(sha256Of(media, "base64")).toBe(hash.digest("base64"));
});
