import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse as parseBody } from "../../src/channels/cloud-api/parse.ts";
import dialog360 from "../../src/channels/dialog360/index.ts";
import meta from "../../src/channels/meta/index.ts";
import { messageTypes } from "../../src/domain/message.ts";
import type { ParsedPayload } from "../../src/sdk/index.ts";

interface Situation {
  name: string;
  payload: unknown;
  expected: ParsedPayload;
}

const folder = new URL("../payloads/meta/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
const situations = files.map((file): Situation => JSON.parse(readFileSync(new URL(file, folder), "utf8")));

function parse(payload: unknown): ParsedPayload {
  return parseBody(Buffer.from(JSON.stringify(payload)));
}

test("Meta and 360dialog send the same bodies, read by one reader", () => {
  expect([meta.parse, dialog360.parse]).toEqual([parseBody, parseBody]);
});

describe("each recorded situation", () => {
  test.each(situations)("$name", ({ payload, expected }) => {
    expect(parse(payload)).toEqual(expected);
  });

  test.each(situations)("is the same on the wire, with escapes and again: $name", ({ payload, expected }) => {
    // Meta escapes everything beyond ASCII, and slashes.
    const wire = JSON.stringify(payload)
      .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .replaceAll("/", "\\/");
    const body = Buffer.from(wire, "ascii");
    expect(parseBody(body)).toEqual(expected);
    expect(parseBody(body)).toEqual(expected);
  });
});

const events = situations.flatMap(({ expected }) => expected.events);
const messages = events.flatMap((event) => (event.type === "message.received" ? [event.message] : []));

test("P09: the situations show every message type, and every one has a readable text", () => {
  expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(messageTypes));
  for (const { text } of messages) expect(text.trim()).not.toBe("");
});

/** Messages and receipts as sent, by the id that their events have. */
function sentItems(payload: unknown): Map<string, Record<string, unknown>> {
  const items = new Map<string, Record<string, unknown>>();
  JSON.stringify(payload, (_key, value) => {
    if (typeof value?.id === "string" && "timestamp" in value) {
      items.set("status" in value ? `${value.id}/${value.status}` : value.id, value);
    }
    return value;
  });
  return items;
}

/** What the event keeps of an item, and what it should keep of it. */
function keptOf(event: ParsedPayload["events"][number], raw: Record<string, unknown>) {
  if (event.type === "receipt.updated") {
    const { pricing, conversation } = event.receipt;
    return { kept: [pricing, conversation], sent: [raw["pricing"], raw["conversation"]] };
  }
  if (event.type !== "message.received") return undefined;
  const { type, content, referral } = event.message;
  const own = raw["type"] === "contacts" ? { contacts: raw["contacts"] } : raw[String(raw["type"])];
  return { kept: [content, referral], sent: [type === "unsupported" ? raw : own, raw["referral"]] };
}

test("P09: what a message or receipt says is kept exactly, under any type", () => {
  // Whose texts are tidied, or whose ids stand twice in the batch, says so in the name.
  const exact = situations.filter(({ name }) => !/half|prototype|property|batch/.test(name));
  const pairs = exact.flatMap(({ payload, expected }) => {
    const sent = sentItems(payload);
    return expected.events.map((event) => keptOf(event, sent.get(event.id) ?? {}));
  });
  const compared = pairs.filter((pair) => pair !== undefined);
  expect(compared.length).toBeGreaterThan(100);
  for (const { kept, sent } of compared) expect(kept).toEqual(sent);
});

test("P28: no text or name carries a NUL or half a character", () => {
  const names = events.flatMap((event) => ("person" in event ? [event.person.name ?? ""] : []));
  for (const text of [...messages.map((message) => message.text), ...names]) {
    expect([text.includes("\0"), text.isWellFormed()]).toEqual([false, true]);
  }
});

test("P07: the batch of two numbers comes out whole and in order", () => {
  const batch = situations.find(({ name }) => name.startsWith("P07"));
  const { events } = parse(batch?.payload);
  const ids = events.flatMap((event) => (event.type === "message.received" ? [event.id] : []));
  expect(ids).toEqual(Array.from({ length: 27 }, (_, index) => `wamid.M${index + 1}`));
  expect(events.filter(({ type }) => type === "receipt.updated")).toHaveLength(18);
  expect(new Set(events.map(({ accountId }) => accountId))).toEqual(
    new Set(["100000000000001", "100000000000002"]),
  );
});

test("P31: reasons for quarantine hold nothing of the payload that could be personal", () => {
  const reasons = situations.flatMap(({ expected }) => expected.quarantined.map(({ reason }) => reason));
  expect(reasons.length).toBeGreaterThan(30);
  for (const reason of reasons) expect(reason).not.toMatch(/[0-9]{5}|wamid|Example/);
});

describe("a body that cannot be read is quarantined with the reason", () => {
  test.each([
    ["empty", Buffer.alloc(0), "not JSON"],
    ["cut off", Buffer.from('{"object":"whats'), "not JSON"],
    ["a list", Buffer.from("[]"), "not an object"],
    ["null", Buffer.from("null"), "not an object"],
    ["Latin-1", Buffer.from('{"object":"\xe4"}', "latin1"), "not UTF-8"],
    ["compressed", Buffer.from([0x1f, 0x8b, 0x08, 0x00]), "not UTF-8"],
  ])("%s", (_name, body, reason) => {
    const { events, quarantined } = parseBody(body);
    expect(events).toEqual([]);
    expect(quarantined.map((item) => item.reason)).toEqual([reason]);
  });

  test("and what was no UTF-8 can be had back", () => {
    const body = Buffer.from([0xff, 0x00, 0xfe]);
    expect(parseBody(body).quarantined[0]?.payload).toEqual({ base64: body.toString("base64") });
  });
});

function textMessage(id: string, more: object = {}) {
  return {
    from: "447700900123",
    id,
    timestamp: "1795000000",
    type: "text",
    text: { body: "Hello" },
    ...more,
  };
}

function payloadOf(value: object, entry: object = {}) {
  const metadata = { phone_number_id: "100000000000001" };
  const changes = [{ field: "messages", value: { metadata, ...value } }];
  return { object: "whatsapp_business_account", entry: [{ id: "200000000000001", changes, ...entry }] };
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}

test("P08: a message nested too deeply stays behind, its neighbours pass", () => {
  const deep = JSON.stringify(textMessage("wamid.DEEP", { hologram: "DEEP" })).replace(
    '"DEEP"',
    nested(100_000),
  );
  const items = [JSON.stringify(textMessage("wamid.1")), deep, JSON.stringify(textMessage("wamid.2"))];
  const body = JSON.stringify(payloadOf({ messages: "ITEMS" })).replace('"ITEMS"', `[${items.join(",")}]`);
  const { events, quarantined } = parseBody(Buffer.from(body));
  expect(events.map(({ id }) => id)).toEqual(["wamid.1", "wamid.2"]);
  expect(quarantined.map(({ reason }) => reason)).toEqual(["nested too deeply"]);
  // Later readers recurse; what is kept must not overflow them.
  expect(JSON.stringify(quarantined).length).toBeLessThan(2000);
});

test("64 levels are read, 65 are not", () => {
  // The value stands on level 6, so that its own levels come on top.
  const detail = (levels: number) =>
    JSON.stringify({ field: "telepathy_update", value: "DEEP" }).replace('"DEEP"', nested(levels));
  const body = (levels: number) =>
    Buffer.from(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[${detail(levels)}]}]}`);
  expect(parseBody(body(59)).events).toHaveLength(1);
  expect(parseBody(body(60)).quarantined.map(({ reason }) => reason)).toEqual(["nested too deeply"]);
});

test("nothing that came in changes the prototype of any object", () => {
  const { payload } = situations.find(({ name }) => name.includes("prototypes")) ?? { payload: {} };
  const [event] = parse(payload).events;
  expect(event?.type === "message.received" && event.message.content?.["polluted"]).toBeFalsy();
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(Object.assign({}, event)).not.toHaveProperty("polluted");
});

test("changes without an id of their own are told apart by field, entry, time and value", () => {
  const idOf = (entry: object, errors: object[]) => parse(payloadOf({ errors }, entry)).events[0]?.id;
  const ids = [
    idOf({}, [{ code: 1 }]),
    idOf({}, [{ code: 2 }]),
    idOf({ time: 1_795_000_000 }, [{ code: 1 }]),
    idOf({ id: "200000000000002" }, [{ code: 1 }]),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(idOf({}, [{ code: 1 }])).toBe(ids[0]);
});

test("P10: a message of the agent's time and the same one later are told apart", () => {
  const standby = { standby: { messages: [textMessage("wamid.1")] } };
  const body = payloadOf({ messages: [textMessage("wamid.1")] });
  const copy = structuredClone(body);
  copy.entry[0]?.changes.splice(0, 1, { field: "standby", value: standby as never });
  expect([...parse(copy).events, ...parse(body).events].map(({ id }) => id)).toEqual([
    "standby:wamid.1",
    "wamid.1",
  ]);
});
