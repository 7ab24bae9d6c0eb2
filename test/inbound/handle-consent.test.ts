import { describe, expect, it } from "vitest";
import type { ConsentChanged } from "../../src/domain/event.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { handleConsent } from "../../src/inbound/handle-consent.ts";
import { messageReceived, nextId, person } from "../support/builders.ts";
import { setUpInbound } from "./inbound-setup.ts";

async function setUp() {
  const setup = await setUpInbound();
  const notes = () => setup.desk.comments.filter(({ visibility }) => visibility === "internal");
  async function choose(state: ConsentChanged["state"], at = setup.clock.iso()): Promise<ConsentChanged> {
    const shared = { scope: "marketing", person: person(1), detail: {} } as const;
    const event: ConsentChanged = { type: "consent.changed", id: nextId("choice"), at, state, ...shared };
    await handleConsent(event, setup.key, setup.tools);
    return event;
  }
  return { ...setup, notes, choose };
}

describe("P26: who stops marketing messages in WhatsApp", () => {
  it("is remembered with the evidence, apart from what they ask for in words, and staff read of it once", async () => {
    const { receive, choose, store, key, notes, tools } = await setUp();
    await receive(messageReceived({ message: { text: "STOP" } }));
    await receive(messageReceived({ message: { text: "START" } }));
    const event = await choose("stop");
    await handleConsent(event, key, tools);
    expect(await store.consents.get(key)).toMatchObject({
      all: { state: "start", source: "message" },
      marketing: { state: "stop", at: event.at, evidence: eventKey(event.id), source: "preference" },
    });
    expect(notes().map(({ body }) => body)).toEqual([
      "The person has stopped our marketing messages in WhatsApp. All other messages still reach them.",
    ]);
  });

  it("may resume them; what comes late changes nothing and tells nothing", async () => {
    const { receive, choose, store, key, notes, clock, traces } = await setUp();
    await receive();
    const before = clock.iso();
    clock.advance(60_000);
    await choose("start");
    await choose("stop", before);
    expect(await store.consents.get(key)).toMatchObject({ marketing: { state: "start" } });
    expect(notes().map(({ body }) => body)).toEqual(["The person wants our marketing messages again."]);
    expect(traces.at(-1)).toMatchObject({ step: "dropped" });
  });

  it("is remembered where there is no ticket to tell it on", async () => {
    const { choose, store, key, notes } = await setUp();
    await choose("stop");
    expect(await store.consents.get(key)).toMatchObject({ marketing: { state: "stop" } });
    expect(notes()).toEqual([]);
  });
});
