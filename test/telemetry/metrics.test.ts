import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { labelValues } from "./metric-labels.ts";

async function ours() {
  const { registry } = createMetrics();
  const all = await registry.getMetricsAsJSON();
  return all.filter(({ name }) => name.startsWith("deskferry_"));
}

describe("the metrics", () => {
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
