import assert from "node:assert/strict";
import type { ParsedPayload } from "../channel.ts";
import type { WebhookRequest } from "../webhook-request.ts";
import type { ChannelBench } from "./channel-bench.ts";
import type { ChannelTests } from "./channel-conformance.ts";
import { forgeries } from "./forgeries.ts";
import { jsonSchemaOf, replaceSecrets } from "./settings-walk.ts";

const RECEIVED_AT = "2026-11-18T11:06:40.000Z";

export function parsed({ definition }: ChannelBench, request: WebhookRequest): ParsedPayload {
  return definition.parse(request.body, { query: request.query, receivedAt: RECEIVED_AT });
}

export const inboundTests: ChannelTests = {
  "a genuine webhook is accepted, again too, and left as it was": async ({ channel, harness }) => {
    const request = harness.message("Hello");
    const before = structuredClone({ ...request, body: request.body.toString("base64") });
    assert.equal(channel.verify(request), true);
    assert.equal(channel.verify(request), true);
    assert.deepEqual({ ...request, body: request.body.toString("base64") }, before);
  },
  "a forged or reformatted webhook is refused": async ({ channel, harness }) => {
    for (const [name, forged] of Object.entries(forgeries(harness.message("Hello")))) {
      assert.equal(channel.verify(forged), false, `accepted: ${name}`);
    }
  },
  "a webhook signed with other secrets is refused": async ({ definition, harness, make, settings }) => {
    const others = make(replaceSecrets(jsonSchemaOf(definition.config), settings));
    assert.equal(others.verify(harness.message("Hello")), false);
  },
  "the set-up request is answered only with the right word": async ({ channel, harness }) => {
    const { handshake } = harness;
    if (!handshake) return assert.equal(channel.handshake?.({}), undefined);
    assert.equal(channel.handshake?.(handshake.query), handshake.challenge);
    for (const name of Object.keys(handshake.query)) {
      assert.equal(channel.handshake?.({ ...handshake.query, [name]: "<other>" }), undefined, name);
    }
  },
  "P07: a message becomes one event of this channel's account, the same every time": async (bench) => {
    const request = bench.harness.message("Grüße, 你好 👋🏽 & more=less+%41");
    const { events, quarantined } = parsed(bench, request);
    assert.deepEqual(quarantined, []);
    assert.equal(events.length, 1);
    const [event] = events;
    assert.ok(event?.type === "message.received", `became ${event?.type}`);
    assert.equal(event.accountId, bench.channel.accountId);
    assert.equal(event.message.text, "Grüße, 你好 👋🏽 & more=less+%41");
    assert.ok(event.person.phone ?? event.person.userId, "nobody sent it");
    assert.ok(event.id !== "" && Number.isFinite(Date.parse(event.at)), "without an id or a time");
    assert.deepEqual(parsed(bench, request), { events, quarantined });
  },
  "P07: parsing throws at nothing, and keeps what it does not understand": async (bench) => {
    const { body } = bench.harness.message("Hello");
    for (const odd of oddBodies(body)) {
      const { events, quarantined } = bench.definition.parse(odd);
      assert.ok(events.length + quarantined.length > 0, "lost without a trace");
      JSON.stringify({ events, quarantined });
    }
  },
};

/** Cuts, changed bytes and noise, the same ones in every run. */
function* oddBodies(body: Buffer): Generator<Buffer> {
  let seed = 42;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  yield Buffer.alloc(0);
  for (let round = 0; round < 300; round += 1) {
    yield body.subarray(0, next(body.length));
    const changed = Buffer.from(body);
    changed[next(body.length)] = next(256);
    yield changed;
    yield Buffer.from(Array.from({ length: next(200) }, () => next(256)));
  }
}
