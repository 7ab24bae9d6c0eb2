import { expect, test } from "vitest";
import type { Person } from "../../src/domain/person.ts";
import { describeContact } from "../../src/inbound/ensure-contact.ts";
import type { Known } from "../../src/inbound/known.ts";
import type { InboundTools } from "../../src/inbound/tools.ts";
import { messageReceived } from "../support/builders.ts";

const key = { channel: "city", person: "a1" };

/** Who wrote, as the event says; what is remembered; under which id the helpdesk has them. */
async function describe(seen: Person, remembered: object = {}, externalId?: string) {
  const asked: unknown[] = [];
  const tools = {
    mapping: "mappings/test",
    mapper: {
      map: (...words: unknown[]) => {
        asked.push(words);
        return Promise.resolve({ record: { name: "Ana" } });
      },
    },
  } as unknown as InboundTools;
  const contact = externalId === undefined ? undefined : { id: "1", externalId, content: "" };
  const known = { person: { ...remembered, lastMessageAt: 1 }, contact } as unknown as Known;
  const event = { ...messageReceived(), person: seen };
  return { asked, event, ...(await describeContact(event, key, known, tools)) };
}

test.each<[seen: Person, externalId: string | undefined, contactKey: object]>([
  [
    { userId: "GB.1", phone: "+44" },
    undefined,
    { externalId: "whatsapp:GB.1", phone: "+44", userId: "GB.1" },
  ],
  [{ userId: "GB.1" }, undefined, { externalId: "whatsapp:GB.1", userId: "GB.1" }],
  [{ phone: "+44" }, undefined, { externalId: "whatsapp:+44", phone: "+44" }],
  [
    { userId: "GB.1", phone: "+44" },
    "whatsapp:+44",
    { externalId: "whatsapp:+44", phone: "+44", userId: "GB.1" },
  ],
  [{}, "whatsapp:+44", { externalId: "whatsapp:+44" }],
])("somebody seen as %j and known under %s has the key %j", async (seen, externalId, contactKey) => {
  expect((await describe(seen, {}, externalId)).contactKey).toEqual(contactKey);
});

test("what is remembered of a person goes before what the message says, without the time of their last", async () => {
  const { person, asked, event } = await describe({ userId: "GB.1", name: "Ana" }, { name: "Ana B" });
  expect(person).toEqual({ userId: "GB.1", name: "Ana B" });
  expect(asked).toEqual([["mappings/test", "contact", { channel: "city", person, message: event.message }]]);
});

test("a message from nobody is given up, with the reason", async () => {
  const reason = "the message names neither a user id nor a phone number";
  await expect(describe({})).rejects.toMatchObject({
    kind: "nobody",
    message: expect.stringContaining(reason),
  });
});
