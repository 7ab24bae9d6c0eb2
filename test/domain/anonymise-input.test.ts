import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { channelTypes } from "../../src/channels/registry.ts";
import { anonymiseInput } from "../../src/domain/anonymise-input.ts";
import type { MessageInput } from "../../src/domain/mapping-input.ts";
import { type Message, messageTypes } from "../../src/domain/message.ts";
import { toE164 } from "../../src/domain/phone.ts";
import { createPseudonyms } from "../../src/domain/pseudonyms.ts";

const names = createPseudonyms("key");

function inputWith(message: Partial<Message>, person: MessageInput["person"] = {}): MessageInput {
  const whole: Message = {
    id: "wamid.1",
    type: "text",
    text: "",
    sentAt: "2026-11-20T08:15:30.000Z",
    ...message,
  };
  return { channel: "city", person, message: whole };
}

/** Long enough that none comes out again by chance. */
const letters = [
  "abcdefghijklmnopqrstuvwxyz",
  "абвгдежзийклмнопрстуфхц",
  "ابتثجحخدذرزسشصضطظع",
  "कखगघचछजझटठडढतथदध",
];
const secretWord = fc
  .constantFrom(...letters)
  .chain((alphabet) =>
    fc.array(fc.constantFrom(...alphabet), { minLength: 9, maxLength: 20 }).map((list) => list.join("")),
  );
const secretNumber = fc.bigInt(10n ** 9n, 10n ** 17n).map(String);
const secret = fc.oneof(secretWord, secretNumber);

test("nothing that a person has written or is known by comes out, wherever it stands", () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 24, maxLength: 24 }),
      fc.constantFrom(...messageTypes),
      (s, type) => {
        const at = (index: number) => s[index] ?? "";
        const input = {
          ...inputWith(
            {
              id: `wamid.${at(0)}`,
              type,
              text: `${at(1)} ${at(2).toUpperCase()}, ${at(3)}! https://${at(4)}.example/${at(5)} ${at(6)}@${at(7)}.org`,
              media: {
                id: at(8),
                mimeType: `image/${at(9)}`,
                sha256: at(10),
                fileName: `${at(11)}.pdf`,
                url: at(12),
              },
              location: { latitude: 1, longitude: 2, name: at(13), address: at(14) },
              content: {
                contacts: [{ name: { formatted_name: at(15) }, phones: [{ phone: at(16), wa_id: at(16) }] }],
                nfm_reply: {
                  response_json: JSON.stringify({ ward: at(17), list: [at(18)], deep: { x: at(19) } }),
                },
                type: at(20),
                unknown: { body: at(21) },
              },
              refersTo: at(22),
              referral: { headline: at(23), source_url: at(4), odd: at(5) },
            },
            { userId: `KE.${at(0)}`, phone: `+${at(1)}`, name: `${at(2)} ${at(3)}`, username: at(4) },
          ),
          attachment: { name: at(11), missing: at(6) },
        };
        const output = JSON.stringify(anonymiseInput(input, names)).toLowerCase();
        expect(s.filter((word) => output.includes(word.toLowerCase()))).toEqual([]);
      },
    ),
  );
});

test("no word of any length comes out as itself, but for those that are kept", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zа-яא-ת]{2,7}$/), (word) => {
      expect(names.text(word)).not.toBe(word);
      expect([...names.text(word)]).toHaveLength([...word].length);
      expect(createPseudonyms("key", [word]).text(`${word.toUpperCase()}!`)).toBe(`${word.toUpperCase()}!`);
    }),
  );
});

test("length, script and case stay, marks and emoji too; the same is always replaced by the same", () => {
  const text = names.text("Pump PUMP pump बिजली ١٢٣ 🌷 at 12:30");
  expect(text).toMatch(
    /^(\p{Lu}\p{Ll}{3}) \p{Lu}{4} \p{Ll}{4} [\p{Script=Devanagari}]{5} [٠-٩]{3} 🌷 [a-z]{2} \d\d:\d\d$/u,
  );
  const [first, second, third] = text.split(" ");
  expect(first?.toLowerCase()).toBe(third);
  expect(second?.toLowerCase()).toBe(third);
  expect(names.text("Pump")).toBe(first);
  expect(createPseudonyms("another key").text("Pump pump pump")).not.toBe(names.text("Pump pump pump"));
});

test.each([
  "+254711222333",
  "+447700900123",
  "+34600111222",
  "+5511987654321",
  "+12025550123",
  "+919876543210",
])("the number %s becomes another valid one of its country, in a text too", (phone) => {
  const other = names.phone(phone);
  expect(other).not.toBe(phone);
  expect(other.slice(0, 3)).toBe(phone.slice(0, 3));
  expect(toE164(other)).toBe(other);
  expect(other).toHaveLength(phone.length);
  expect(names.text(`Call ${phone}`).endsWith(other)).toBe(true);
});

test("P28: one person stays one person, over all inputs of a recording", () => {
  const person = { userId: "KE.13491208655302741918", phone: "+254711222333", name: "Amina Otieno" };
  const one = anonymiseInput(inputWith({ text: "Amina here" }, person), names);
  const two = anonymiseInput(
    {
      channel: "city",
      person,
      event: { type: "ticket.changed", to: "solved", at: "2026-11-20T08:15:30.000Z" },
      ticket: { id: "42", subject: "Amina here", status: "solved", assignee: "Bob" },
      window: "open",
    },
    names,
  );
  expect(two.person).toEqual(one.person);
  expect(two).toMatchObject({ event: { to: "solved", at: "2026-11-20T08:15:00.000Z" }, window: "open" });
  expect("ticket" in two && two.ticket.subject).toBe("message" in one && one.message.text);
});

test("our own renderings stay readable for mappings, what stands in them does not", () => {
  const { message } = anonymiseInput(
    inputWith({ type: "document", text: "[Document: Amina.pdf]" }),
    names,
  ) as MessageInput;
  expect(message.text).toMatch(/^\[Document: \p{Lu}\p{Ll}{4}\./u);
  // A person who writes the same gets no such treatment.
  expect(
    (anonymiseInput(inputWith({ text: "Contact: me" }), names) as MessageInput).message.text,
  ).not.toMatch(/Contact/);
});

test("what a mapping can branch on stays: which fields there are, answers by their names, marks of forwarding", () => {
  const { message } = anonymiseInput(
    inputWith({
      type: "form",
      text: "[Form]",
      answers: {
        ward: "Kibera",
        floor: 12,
        urgent: true,
        list: ["Ann", { x: 1 }],
        flow_token: "t",
        "Not A Name": "x",
      },
      forwarded: true,
      frequentlyForwarded: true,
      groupId: "group-1",
      refersTo: "wamid.0",
      product: { catalog_id: "c1", unknown: "x" },
      referral: { source_type: "ad", headline: "Water" },
      media: { id: "m1", mimeType: "audio/ogg; codecs=opus", fileName: "a.ogg" },
      content: { contacts: [{ phones: [{ type: "CELL" }], org: { company: "City" } }], voice: undefined },
    }),
    names,
  ) as MessageInput;
  expect(Object.keys(message.answers ?? {})).toEqual(["ward", "floor", "urgent", "list"]);
  expect(message.answers).toMatchObject({ urgent: true, list: [expect.any(String), null] });
  expect(message).toMatchObject({ forwarded: true, frequentlyForwarded: true });
  expect(message.groupId).toBe(names.id("group-1"));
  expect(message.refersTo).toBe(names.id("wamid.0"));
  expect(message.product).toEqual({ catalog_id: names.id("c1") });
  expect(message.referral).toEqual({ source_type: "ad", headline: names.text("Water") });
  expect(message.media).toEqual({
    id: names.id("m1"),
    mimeType: "audio/ogg; codecs=opus",
    fileName: names.text("a.ogg"),
  });
  expect(message.content).toStrictEqual({
    contacts: [{ phones: [{ type: "CELL" }], org: { company: names.text("City") } }],
  });
});

test.each([
  ["[1, 2]", undefined],
  ["null", undefined],
  ["no JSON", undefined],
  ["{}", "{}"],
  ['{"urgent":true,"flow_token":"t"}', '{"urgent":true}'],
])("a form's answers that stand as the text %s are recorded as %s", (text, recorded) => {
  const { message } = anonymiseInput(
    inputWith({ type: "form", content: { nfm_reply: { response_json: text } } }),
    names,
  ) as MessageInput;
  const reply = recorded === undefined ? {} : { response_json: recorded };
  expect(message.content).toStrictEqual({ nfm_reply: reply });
});

function bodyOf(file: string): Buffer {
  const { payload }: { payload: unknown } = JSON.parse(readFileSync(file, "utf8"));
  return Buffer.from(JSON.stringify(payload));
}

describe("of every golden payload", () => {
  const folder = "test/payloads/meta";
  const files = readdirSync(folder).filter((file) => statSync(join(folder, file)).isFile());
  const meta = channelTypes["meta"];
  const messages = files.flatMap((file) =>
    (meta?.parse(bodyOf(join(folder, file))).events ?? []).flatMap((event) =>
      event.type === "message.received" ? [{ file, event }] : [],
    ),
  );

  test("all types of message are met", () => {
    const met = new Set(messages.map(({ event }) => event.message.type));
    expect(messages.length).toBeGreaterThan(50);
    expect(met.size).toBeGreaterThan(15);
  });

  test("the input keeps its shape and loses its names and numbers", () => {
    for (const { file, event } of messages) {
      const input = { channel: "city", person: event.person, message: event.message };
      const output = anonymiseInput(input, names) as MessageInput;
      expect(Object.keys(output.message), file).toEqual(
        expect.arrayContaining(["id", "type", "text", "sentAt"]),
      );
      expect(output.message.type, file).toBe(event.message.type);
      expect(Object.keys(output.person), file).toEqual(
        ["userId", "phone", "name", "username"].filter((key) =>
          Boolean(event.person[key as keyof typeof event.person]),
        ),
      );
      const text = JSON.stringify(output);
      for (const known of [event.person.phone?.slice(1), event.person.userId, event.message.id]) {
        if (known && known.length > 6) expect(text, file).not.toContain(known);
      }
    }
  });
});
