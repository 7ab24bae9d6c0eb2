import { describe, expect, it } from "vitest";
import type { Parts } from "../../src/app/parts.ts";
import { createTaking } from "../../src/app/webhooks.ts";
import meta from "../../src/channels/meta/index.ts";
import type { RouteConfig } from "../../src/config/schema.ts";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import { eventKey, type TraceEntry } from "../../src/domain/trace.ts";
import type { ParsedPayload } from "../../src/sdk/channel.ts";
import type { IntakeItem } from "../../src/store/intake-item.ts";
import type { Store } from "../../src/store/store.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { metaChannel, signature } from "../http/http-setup.ts";
import { commentAdded, messageReceived, receiptUpdated } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { createFakeMapper } from "../support/fake-mapper.ts";

const CITY = { number: "1001", secret: "secret-of-the-city" };
const PARK = { number: "1002", secret: "secret-of-the-city" };
const CLUB = { number: "1003", secret: "secret-of-the-club" };
const PERSON = "0123456789abcdef0123";

/** Three numbers: city and park belong to one Meta app, the club to another. */
function setUp() {
  const verified: string[] = [];
  const part = (name: string, { number, secret }: typeof CITY) => {
    const channel = metaChannel(number, [secret]);
    const verify: typeof channel.verify = (request) => {
      verified.push(name);
      return channel.verify(request);
    };
    return [name, { type: "meta", definition: meta, channel: { ...channel, verify } }] as const;
  };
  const undelivered = { tellAfterHours: 24, giveUpAfterHours: 720 };
  const optOut = { enabled: true, words: { stop: [], start: [] } };
  const route = (channel: string, connection: string): [string, RouteConfig] => [
    channel,
    {
      channel,
      connection,
      mapping: "m",
      reopenWithinDays: 7,
      templateLanguages: [],
      sendNotes: "templates",
      atMostOnce: false,
      optOut,
      messagesPerComment: 1,
      readMarks: "never",
      undelivered,
    },
  ];
  const parts: Parts = {
    channels: new Map([part("city", CITY), part("park", PARK), part("club", CLUB)]),
    connectors: new Map(),
    renew: () => ({ channels: [], connections: [] }),
    routes: new Map([route("city", "desk"), route("park", "desk"), route("club", "other")]),
    mapper: {
      ...createFakeMapper(),
      load: async () => undefined,
      replace: async () => undefined,
      versions: () => "",
      mapFile: async () => Promise.reject(new Error("not here")),
      mapSource: async () => Promise.reject(new Error("not here")),
      close: async () => undefined,
    },
    close: async () => undefined,
  };
  const items: IntakeItem[] = [];
  const traces: Omit<TraceEntry, "at">[] = [];
  const metrics = createMetrics();
  const intake = {
    accept: async (given: IntakeItem[]) => {
      items.push(...given);
      return given.map((item, index) =>
        "keep" in item ? { fresh: true } : { fresh: index % 2 === 0, person: PERSON },
      );
    },
  };
  const links = { reverse: async () => undefined };
  const trace = (entry: Omit<TraceEntry, "at">) => void traces.push(entry);
  // Only news of templates reach the store: template-news.test.ts.
  const store = {} as Store;
  const taking = createTaking({ parts, links, intake, metrics, store, clock: createClock(), trace });
  return { taking, items, traces, metrics, verified };
}

function payload(...accountIds: string[]): ParsedPayload {
  return {
    events: accountIds.map((accountId) => ({ ...messageReceived(), accountId })),
    quarantined: [],
  };
}

function request(secret: string, body = "the body") {
  return {
    headers: { "x-hub-signature-256": signature(body, secret) },
    query: {},
    body: Buffer.from(body),
  };
}

function placesOf(items: IntakeItem[]): string[] {
  return items.map((item) =>
    "keep" in item
      ? `${item.keep.channel} ${item.keep.list}`
      : `${item.deliver.channel} ${item.deliver.lane}`,
  );
}

describe("P24: several numbers behind one callback", () => {
  it("of one Meta app are told apart by their phone number id", async () => {
    const { taking, items } = setUp();
    await taking.fromChannel("city", request(CITY.secret), payload(CITY.number, PARK.number, CITY.number));
    expect(placesOf(items)).toEqual(["city in", "park in", "city in"]);
  });

  it("another app's secret does not speak for a number: its events are quarantined", async () => {
    const { taking, items } = setUp();
    await taking.fromChannel("club", request(CLUB.secret), payload(CITY.number, CLUB.number));
    expect(placesOf(items)).toEqual(["club quarantine", "club in"]);
    items.length = 0;
    await taking.fromChannel("city", request(CITY.secret), payload(CLUB.number));
    expect(placesOf(items)).toEqual(["city quarantine"]);
  });

  it("a number that nobody configured is quarantined", async () => {
    const { taking, items } = setUp();
    await taking.fromChannel("city", request(CITY.secret), payload("9999"));
    expect(placesOf(items)).toEqual(["city quarantine"]);
  });

  it("a batch of 1,000 for the other number costs one more look at the signature, not 1,000", async () => {
    const { taking, items, verified } = setUp();
    const numbers = Array.from({ length: 1000 }, () => PARK.number);
    await taking.fromChannel("city", request(CITY.secret), payload(...numbers));
    expect(placesOf(items)).toEqual(numbers.map(() => "park in"));
    expect(verified).toEqual(["park"]);
  });
});

describe("what was taken in", () => {
  it("is counted, and traced unless it is a repeat or a receipt", async () => {
    const { taking, traces, metrics } = setUp();
    const parsed = payload(CITY.number, CITY.number);
    parsed.events.push({ ...receiptUpdated(), accountId: CITY.number });
    parsed.quarantined.push({ reason: "odd", payload: {} });
    await taking.fromChannel("city", request(CITY.secret), parsed);
    const { values } = await metrics.accepted.get();
    expect(values.map(({ labels, value }) => [labels.outcome, value])).toEqual([
      ["fresh", 2],
      ["repeat", 1],
      ["quarantine", 1],
    ]);
    expect(traces).toEqual([
      {
        event: eventKey(parsed.events[0]?.id ?? ""),
        channel: "city",
        person: PERSON,
        step: "accepted",
        detail: { type: "message.received" },
      },
    ]);
  });

  it("P09: and is new to us, is counted by number: kinds of message, statuses and fields", async () => {
    const { taking, metrics } = setUp();
    const value = (number: string, more: object) => ({
      field: "messages",
      value: { metadata: { phone_number_id: number }, ...more },
    });
    const from = { from: "447700900123", timestamp: "1795000000" };
    const changes = [
      value(CITY.number, { messages: [{ ...from, id: "wamid.1", type: "hologram" }] }),
      value(PARK.number, { messages: [{ ...from, id: "wamid.2", type: "text", text: { body: "Hello" } }] }),
      value(PARK.number, { statuses: [{ id: "wamid.3", status: "teleported", timestamp: "1795000000" }] }),
      value(PARK.number, { statuses: [{ id: "wamid.4", status: "sent", timestamp: "never" }] }),
      { field: "telepathy_update", value: { thought: 1 } },
      { field: "account_review_update", value: { decision: "APPROVED" } },
    ];
    const body = { object: "whatsapp_business_account", entry: [{ id: "5", changes }] };
    await taking.fromChannel("city", request(CITY.secret), meta.parse(Buffer.from(JSON.stringify(body))));
    const { values } = await metrics.notUnderstood.get();
    expect(values.map(({ labels, value }) => [labels.channel, labels.what, value])).toEqual([
      ["city", "message", 1],
      ["city", "field", 1],
      ["park", "status", 1],
    ]);
  });

  it("nothing does not bother Redis", async () => {
    const { taking, items } = setUp();
    await taking.fromChannel("city", request(CITY.secret), { events: [], quarantined: [] });
    await taking.fromConnection("desk", []);
    expect(items).toEqual([]);
  });
});

describe("a helpdesk's changes", () => {
  const changeOf = (channel: string) =>
    commentAdded({ ticket: { id: "1", externalId: ticketExternalId({ channel, person: PERSON }, 1) } });

  it("go to the channels whose route leads to it; the rest is counted as ignored", async () => {
    const { taking, items, metrics } = setUp();
    await taking.fromConnection("desk", [
      changeOf("city"),
      changeOf("park"),
      changeOf("club"),
      commentAdded({ ticket: { id: "2" } }),
    ]);
    expect(placesOf(items)).toEqual(["city out", "park out"]);
    const { values } = await metrics.ignored.get();
    expect(values).toMatchObject([{ labels: { connection: "desk" }, value: 2 }]);
  });
});
