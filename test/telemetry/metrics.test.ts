import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { labelValues } from "./metric-labels.ts";

async function ours() {
  const { registry } = createMetrics();
  const all = await registry.getMetricsAsJSON();
  return all.filter(({ name }) => name.startsWith("deskferry_"));
}

/** Dashboards and alerts of operators go by these: a change of one is a change for them. */
const KNOWN = `
deskferry_webhooks_total counter source name answer
deskferry_events_accepted_total counter channel outcome
deskferry_not_understood_total counter channel what
deskferry_changes_ignored_total counter connection
deskferry_ticket_fields_left_out_total counter connection field
deskferry_files_refused_total counter channel why
deskferry_events_handled_total counter channel lane type outcome
deskferry_newer_events_total counter channel
deskferry_event_age_seconds histogram channel lane
deskferry_undecryptable_total counter channel lane
deskferry_sends_total counter channel kind outcome
deskferry_sends_paced_total counter channel by
deskferry_read_marks_total counter channel outcome
deskferry_receipts_total counter channel state
deskferry_messages_priced_total counter channel category type
deskferry_send_problems_total counter channel action by
deskferry_secret_changes_total counter outcome
deskferry_audit_failed_total counter
deskferry_expired_total counter channel what
deskferry_connection_calls_total counter connection outcome
deskferry_connection_put_off_total counter connection why
deskferry_connection_in_line gauge connection
deskferry_connection_stopped gauge connection
deskferry_connection_not_answering gauge connection
deskferry_undelivered_total counter channel stage
deskferry_mapping_reloads_total counter mapping outcome
deskferry_mapping_refused gauge mapping
deskferry_redis_answers gauge
deskferry_channel_stopped gauge channel reason
deskferry_conversations_waiting gauge channel lane
deskferry_dead_letters gauge channel
deskferry_quarantined gauge channel
`;

describe("the metrics", () => {
  it("are these, with these labels, and each says what it counts", async () => {
    const metrics = createMetrics();
    const lines = (await ours()).map(({ name, type, help }) => {
      const metric = metrics.registry.getSingleMetric(name) as unknown as { labelNames: string[] };
      expect(help, name).toMatch(/^.{10}/);
      return [name, type, ...metric.labelNames].join(" ");
    });
    expect(lines.sort()).toEqual(KNOWN.trim().split("\n").sort());
    const parts = Object.entries(metrics).filter(([name]) => name !== "registry");
    expect(parts).toHaveLength(lines.length);
  });

  it("count the time of an event in steps from a moment to a day, and what the process itself needs", async () => {
    const { registry, age } = createMetrics();
    age.observe({ channel: "city", lane: "in" }, 3);
    const text = await registry.metrics();
    const bounds = [...text.matchAll(/^deskferry_event_age_seconds_bucket\{le="([^"]+)"/gm)].map(
      ([, le]) => le,
    );
    expect(bounds.length).toBeGreaterThan(5);
    expect(bounds.map(Number).slice(0, -1)).toEqual(
      [...bounds.map(Number).slice(0, -1)].sort((a, b) => a - b),
    );
    expect(text).toContain("process_cpu_seconds_total");
  });

  it("have only labels whose values are known beforehand", async () => {
    const metrics = await ours();
    expect(metrics.length).toBeGreaterThan(8);
    const { registry } = createMetrics();
    for (const { name } of metrics) {
      const metric = registry.getSingleMetric(name) as unknown as { labelNames: string[] };
      for (const label of metric.labelNames)
        expect(Object.keys(labelValues), `${name}{${label}}`).toContain(label);
    }
  });

  it("refuse a label that was not declared, so that none slips in", () => {
    const { sends } = createMetrics();
    expect(() => sends.inc({ channel: "city", phone: "+447700900123" } as never)).toThrow();
  });

  it("are told in Prometheus' text form, each with a help line and one name", async () => {
    const { registry, webhooks } = createMetrics();
    webhooks.inc({ source: "channel", name: "city", answer: "accepted" });
    const text = await registry.metrics();
    expect(text).toContain('deskferry_webhooks_total{source="channel",name="city",answer="accepted"} 1');
    const names = [...text.matchAll(/^# HELP (\S+) \S+/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
