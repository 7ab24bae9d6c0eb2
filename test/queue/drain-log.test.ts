import { expect, test } from "vitest";
import type { TraceEntry } from "../../src/domain/trace.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { createDrainLog } from "../../src/queue/drain-log.ts";
import type { Head, Place } from "../../src/store/mailbox.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { messageReceived, person } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";

function setUp() {
  const clock = createClock();
  const lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];
  const entries: TraceEntry[] = [];
  const write =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      lines.push({ level, message, fields });
    };
  const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const metrics = createMetrics();
  const log = createDrainLog({ logger, metrics, trace: (entry) => entries.push(entry), now: clock.now });
  const event = messageReceived({ person: person(5), at: clock.iso(), message: { text: "my secret" } });
  const head: Head = { raw: "", event, alone: false, tries: 2, since: undefined, unfinished: 0, begun: 1 };
  const place: Place = { channel: "city", lane: "in", person: "3f9a" };
  clock.advance(1500);
  return { clock, lines, entries, metrics, log, head, place };
}

test("each outcome is counted, and an event's age is measured when it is done", async () => {
  const { log, metrics, head, place } = setUp();
  log.done(place, head);
  log.waiting(place, head, { kind: "unavailable", reason: "503", delayMs: 1000 }, undefined);
  log.buried(place, head, { kind: "rejected", reason: "no" });
  const text = await metrics.registry.metrics();
  for (const outcome of ["done", "retry", "dead"]) {
    expect(text).toContain(
      `deskferry_events_handled_total{channel="city",lane="in",type="message.received",outcome="${outcome}"} 1`,
    );
  }
  expect(text).toContain('deskferry_event_age_seconds_sum{channel="city",lane="in"} 1.5');
});

test("an event from a clock ahead of ours has the age 0, not a negative one", async () => {
  const { clock, log, metrics, head, place } = setUp();
  clock.advance(-3600_000);
  log.done(place, head);
  expect(await metrics.registry.metrics()).toContain(
    'deskferry_event_age_seconds_sum{channel="city",lane="in"} 0',
  );
});

test("a dead letter leaves a trace that says why", () => {
  const { clock, log, entries, head, place } = setUp();
  log.buried(place, head, { kind: "rejected", reason: "the helpdesk refused the subject" });
  expect(entries).toEqual([
    {
      at: clock.iso(),
      event: eventKey(head.event.id),
      channel: "city",
      person: "3f9a",
      step: "dead",
      detail: { kind: "rejected", reason: "the helpdesk refused the subject" },
    },
  ]);
});

test("an unforeseen error is logged by where it happened, not by what it says", () => {
  const { log, lines, head, place } = setUp();
  const error = new TypeError(`cannot read ${person(5).phone}\nof ${person(5).name}`);
  log.waiting(place, head, { kind: "bug", reason: "unforeseen TypeError", delayMs: 1000 }, error);
  expect(lines[0]?.fields["stack"]).toContain("drain-log.test.ts");
});

test("no line and no trace holds a name, a number, a text or a provider's id", () => {
  const { log, lines, entries, head, place } = setUp();
  const error = new TypeError(`cannot read ${person(5).phone}\nof ${person(5).name}`);
  log.done(place, head);
  log.waiting(place, head, { kind: "bug", reason: "unforeseen TypeError", delayMs: 1000 }, error);
  log.buried(place, head, { kind: "bug", reason: "unforeseen TypeError" });
  log.broken(place, error);
  const told = JSON.stringify([lines, entries]);
  expect(lines).toHaveLength(4);
  const secrets = [person(5).name, person(5).phone, person(5).userId, "my secret", head.event.id];
  for (const secret of secrets) expect(told).not.toContain(secret);
});
