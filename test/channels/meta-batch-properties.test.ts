import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import meta from "../../src/channels/meta/index.ts";

/** Ten seconds are enough on an idle machine. */
const PATIENCE = 120_000;

interface Update {
  /** What the event must be called. */
  id: string;
  list: "messages" | "statuses";
  item: object;
}

const update = fc.record({ isStatus: fc.boolean(), id: fc.nat({ max: 200 }), kind: fc.nat({ max: 3 }) });

function toUpdate({ isStatus, id, kind }: { isStatus: boolean; id: number; kind: number }): Update {
  const at = { timestamp: String(1_795_000_000 + id) };
  if (isStatus) {
    const status = ["sent", "delivered", "read", "failed"][kind] ?? "sent";
    return { id: `wamid.O${id}/${status}`, list: "statuses", item: { id: `wamid.O${id}`, status, ...at } };
  }
  const content = [
    { type: "text", text: { body: "Hello" } },
    { type: "hologram", hologram: {} },
    { type: "reaction", reaction: { message_id: "wamid.O1" } },
    { type: "image", image: {} },
  ][kind];
  // The kind belongs to the id: a message does not change what it says.
  const name = `wamid.M${id}-${kind}`;
  return { id: name, list: "messages", item: { from: "447700900123", id: name, ...at, ...content } };
}

/** A batch of changes, each of a number of its own, with the updates dealt out to them in the order given. */
function batch(updates: Update[], perChange: number, neighbours: unknown[]) {
  const entry: { id: string; changes: unknown[] }[] = [];
  for (let from = 0; from < updates.length; from += perChange) {
    const some = updates.slice(from, from + perChange);
    const of = (list: Update["list"]) => some.filter((one) => one.list === list).map(({ item }) => item);
    const value = {
      metadata: { phone_number_id: "100000000000001" },
      messages: [...neighbours, ...of("messages"), ...neighbours],
      statuses: [...of("statuses"), ...neighbours],
    };
    const odd = neighbours.map((neighbour) => ({ field: "messages", value: neighbour }));
    entry.push({ id: "200000000000001", changes: [...odd, { field: "messages", value }, ...neighbours] });
  }
  return { object: "whatsapp_business_account", entry: [...neighbours, ...entry] };
}

function idsOf(payload: unknown): string[] {
  return meta.parse(Buffer.from(JSON.stringify(payload))).events.map(({ id }) => id);
}

/** Anything but an object with an id, which could rightly be an update. */
const neighbour = fc.oneof(
  fc.constantFrom<unknown>(null, 0, "", [], {}, [[]], { id: null }, { timestamp: "never" }),
  fc.jsonValue({ maxDepth: 3 }).map((value) => ({ value })),
  fc.constantFrom("messages", "statuses", "contacts", "errors").map((key) => ({ type: key, [key]: null })),
);

test(
  "P07, P08: no message or receipt of a batch is lost, whatever its neighbours are",
  () => {
    fc.assert(
      fc.property(
        fc.array(update, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(neighbour, { maxLength: 4 }),
        (drawn, perChange, neighbours) => {
          const updates = drawn.map(toUpdate);
          const ids = idsOf(batch(updates, perChange, neighbours));
          const found = ids.filter((id) => id.startsWith("wamid."));
          expect(found.toSorted()).toEqual(updates.map(({ id }) => id).toSorted());
        },
      ),
      { numRuns: 1_000 },
    );
  },
  PATIENCE,
);

test(
  "P10: a batch shuffled, doubled and cut into other webhooks gives the same events",
  () => {
    const drawn = fc.array(update, { minLength: 1, maxLength: 30 }).chain((all) =>
      fc.record({
        all: fc.constant(all),
        shuffled: fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
        perChange: fc.integer({ min: 1, max: 7 }),
        cut: fc.nat({ max: all.length * 2 }),
      }),
    );
    fc.assert(
      fc.property(drawn, ({ all, shuffled, perChange, cut }) => {
        const updates = shuffled.map(toUpdate);
        const once = new Set(idsOf(batch(all.map(toUpdate), 5, [])));
        const webhooks = [updates.slice(0, cut), updates.slice(cut)];
        const again = webhooks.flatMap((some) => idsOf(batch(some, perChange, [])));
        expect(again).toHaveLength(updates.length);
        expect(new Set(again)).toEqual(once);
      }),
      { numRuns: 1_000 },
    );
  },
  PATIENCE,
);

interface Entry {
  changes: unknown[];
}

const folder = new URL("../payloads/meta/", import.meta.url);
/** Entries of the recorded situations, of every field there is. */
const entries: Entry[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => {
    const { payload } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    if (payload?.object !== "whatsapp_business_account" || !Array.isArray(payload.entry)) return [];
    return payload.entry.filter((entry: Entry | null) => Array.isArray(entry?.changes));
  });

test(
  "P10: recorded situations of every field, shuffled and doubled, give the same events",
  () => {
    expect(entries.length).toBeGreaterThan(150);
    const payload = (some: Entry[]) => ({ object: "whatsapp_business_account", entry: some });
    const once = new Set(idsOf(payload(entries)));
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2 }),
        (shuffled) => {
          const turned = shuffled.map((entry) => ({ ...entry, changes: entry.changes.toReversed() }));
          expect(new Set(idsOf(payload(turned)))).toEqual(once);
        },
      ),
      { numRuns: 30 },
    );
  },
  PATIENCE,
);
