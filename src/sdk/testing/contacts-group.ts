import assert from "node:assert/strict";
import { becomesTickets } from "./bench.ts";
import type { Group } from "./group.ts";

export const contactsGroup: Group = {
  inapplicable(example) {
    return becomesTickets(example) ? "people stand in the tickets that their messages become" : undefined;
  },
  define({ test }) {
    test("P02: upserting a person twice leaves one contact", async ({ connector, harness, person }) => {
      const { key, name } = person();
      const first = await connector.upsertContact(key, { name, phone: key.phone });
      const second = await connector.upsertContact(key, { name, phone: key.phone });
      assert.equal(second.id, first.id);
      const seen = await harness.contactsOf(key);
      assert.deepEqual(
        seen.map((contact) => contact.name),
        [name],
      );
    });
    test("an upsert brings the name up to date", async ({ connector, harness, person }) => {
      const { key, name } = person();
      await connector.upsertContact(key, { name, phone: key.phone });
      await connector.upsertContact(key, { name: `${name} Smith`, phone: key.phone });
      const [contact] = await harness.contactsOf(key);
      assert.equal(contact?.name, `${name} Smith`);
    });
    test("a person is never taken for another whose id looks alike", async ({ connector, person }) => {
      const { key, name } = person();
      const ids = new Set<string>();
      for (const suffix of ["", "0", "1"]) {
        const phone = `${key.phone}${suffix}`;
        const { id } = await connector.upsertContact({ externalId: `whatsapp:${phone}`, phone }, { name });
        ids.add(id);
      }
      assert.equal(ids.size, 3);
    });
    test("P04: a person without a phone number becomes a contact", async ({ connector, harness, unique }) => {
      const userId = `GB.${unique()}`;
      const key = { externalId: `whatsapp:${userId}`, userId };
      const first = await connector.upsertContact(key, { name: "No number" });
      const second = await connector.upsertContact(key, { name: "No number" });
      assert.equal(second.id, first.id);
      assert.equal((await harness.contactsOf(key)).length, 1);
    });
    test("P28: names in any script arrive whole", async ({ connector, harness, person }) => {
      for (const name of ["Zoë O'Brien <x>", "مريم 123 علي", "नेहा 👩🏽‍🚒", 'Li "Bo" Wang; DROP']) {
        const { key } = person();
        await connector.upsertContact(key, { name });
        assert.equal((await harness.contactsOf(key))[0]?.name, name);
      }
    });
  },
};
