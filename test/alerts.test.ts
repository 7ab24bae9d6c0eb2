import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { labelValues } from "./telemetry/metric-labels.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = join(root, "docs/alerts.yaml");
const page = readFileSync(join(root, "docs/alerts.md"), "utf8");

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string };
}
const { groups } = parse(readFileSync(file, "utf8")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/**
 * Series, every 15 s for 40 minutes, in promtool's notation (`0+1x160`: one more each time; `_x150 1x10`: born late), that
 * raise each alert and no other one.
 */
const faults: Record<string, Record<string, string>> = {
  DeskferryDown: { 'up{job="deskferry"}': "1x100 0x60" },
  DeskferryRestarts: { 'process_start_time_seconds{job="deskferry"}': "1x120 2x5 3x5 4x5 5x5 6x20" },
  DeskferryRedisGone: { deskferry_redis_answers: "1x100 0x60" },
  DeskferryWebhooksNotStored: {
    'deskferry_webhooks_total{source="channel",name="city",answer="unavailable"}': "_x155 1x5",
  },
  DeskferryHelpdeskGone: { 'deskferry_connection_not_answering{connection="rt"}': "0x100 1x60" },
  DeskferryHelpdeskRefuses: { 'deskferry_connection_stopped{connection="rt"}': "0x100 1x60" },
  DeskferryChannelStopped: { 'deskferry_channel_stopped{channel="city",reason="token"}': "_x100 1x60" },
  DeskferryNothingHandled: { 'deskferry_conversations_waiting{channel="city",lane="in"}': "0x10 3x150" },
  DeskferrySlow: {
    'deskferry_event_age_seconds_bucket{channel="city",lane="in",le="60"}': "0+1x160",
    'deskferry_event_age_seconds_bucket{channel="city",lane="in",le="300"}': "0+10x160",
    'deskferry_event_age_seconds_bucket{channel="city",lane="in",le="+Inf"}': "0+10x160",
  },
  DeskferryDeadLetters: { 'deskferry_dead_letters{channel="city"}': "0x100 2x60" },
  DeskferryQuarantine: { 'deskferry_quarantined{channel="city"}': "0x100 2x60" },
  DeskferryNotUnderstood: { 'deskferry_not_understood_total{channel="city",what="field"}': "_x100 1x60" },
  DeskferryUnknownRefusal: {
    'deskferry_send_problems_total{channel="city",action="unknown",by="answer"}': "_x100 1x60",
  },
  DeskferryAtTheLimit: { 'deskferry_sends_paced_total{channel="city",by="number"}': "0+10x160" },
  DeskferryUndelivered: { 'deskferry_undelivered_total{channel="city",stage="late"}': "0x50 0+1x110" },
  DeskferryMappingRefused: { 'deskferry_mapping_refused{mapping="mine"}': "0x100 1x60" },
  DeskferryKeyMissing: { 'deskferry_undecryptable_total{channel="city",lane="in"}': "_x150 1x10" },
  DeskferrySecretRefused: { 'deskferry_secret_changes_total{outcome="refused"}': "_x150 1x10" },
  DeskferryForgedWebhooks: {
    'deskferry_webhooks_total{source="channel",name="city",answer="refused"}': "0+1x160",
  },
  DeskferryOlderWorker: { 'deskferry_newer_events_total{channel="city"}': "0+1x160" },
  DeskferryAuditFailed: { deskferry_audit_failed_total: "0x150 1x10" },
  DeskferryBusyProcess: { 'nodejs_eventloop_lag_p99_seconds{job="deskferry"}': "0.02x60 0.9x100" },
};

/** A busy day without a fault. */
const quiet = {
  'up{job="deskferry"}': "1x160",
  'process_start_time_seconds{job="deskferry"}': "1x100 2x60",
  deskferry_redis_answers: "1x160",
  'deskferry_webhooks_total{source="channel",name="city",answer="accepted"}': "0+50x160",
  'deskferry_webhooks_total{source="channel",name="city",answer="refused"}': "_x100 1x60",
  'deskferry_connection_not_answering{connection="rt",instance="a"}': "0x160",
  'deskferry_connection_not_answering{connection="rt",instance="b"}': "0x100 1x60",
  'deskferry_connection_stopped{connection="rt"}': "0x160",
  'deskferry_conversations_waiting{channel="city",lane="in"}': "40x160",
  'deskferry_events_handled_total{channel="city",lane="in",type="message.received",outcome="done"}':
    "0+50x160",
  'deskferry_event_age_seconds_bucket{channel="city",lane="in",le="60"}': "0+50x160",
  'deskferry_event_age_seconds_bucket{channel="city",lane="in",le="+Inf"}': "0+51x160",
  'deskferry_dead_letters{channel="city"}': "0x160",
  'deskferry_undelivered_total{channel="city",stage="late"}': "0x100 3x60",
  'nodejs_eventloop_lag_p99_seconds{job="deskferry"}': "0.02x160",
};

/** Name and labels of each series that a PromQL expression asks for. */
function seriesOf(text: string): { name: string; labels: [string, string][] }[] {
  return [...text.matchAll(/\b((?:deskferry|process|nodejs)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, name = "", labels = ""]) => ({
      name,
      labels: [...labels.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value]),
    }),
  );
}

describe("O12: the alert rules", () => {
  test.each(rules)("$alert says how bad it is, and the page what it means and what to do", (rule) => {
    expect(["page", "ticket"]).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe("");
    const [row = ""] = page.match(new RegExp(`^\\| \`${rule.alert}\` \\|.*$`, "m")) ?? [];
    const [means = "", todo = ""] = row.split(" | ").slice(1);
    expect(
      [means.length, todo.length].every((length) => length > 15),
      row,
    ).toBe(true);
    expect(faults, "no series of this test raises it").toHaveProperty(rule.alert);
  });

  test("ask for figures, labels and values that there are", async () => {
    const text = `${await createMetrics().registry.metrics()}\n# TYPE up gauge`;
    const asked = [
      ...rules.map(({ expr }) => expr),
      ...Object.values(faults).flatMap(Object.keys),
      ...Object.keys(quiet),
    ];
    for (const { name, labels } of asked.flatMap(seriesOf)) {
      expect(text, name).toContain(`# TYPE ${name.replace(/_bucket$/, "")} `);
      for (const [label, values] of labels) {
        const known = labelValues[label];
        if (["job", "instance", "le"].includes(label) || known === "settings") continue;
        expect(known, `${name}: ${label}`).toEqual(expect.arrayContaining(values.split("|")));
      }
    }
  });
});

const promtool = process.env["PROMTOOL"] ?? "promtool";
const isThere = spawnSync(promtool, ["--version"]).status === 0;
const isRequired = process.env["DESKFERRY_REQUIRE_PROMTOOL"] === "1";

describe.skipIf(!isThere && !isRequired)("by promtool", () => {
  test("are well formed, are raised by their fault and by no other, and are silent on a busy day", {
    timeout: 60_000,
  }, () => {
    const folder = mkdtempSync(join(tmpdir(), "deskferry-alerts-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const firing = (series: Record<string, string>, names: string[]) => ({
      interval: "15s",
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [
        {
          expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: "39m45s",
          exp_samples: names.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
        },
      ],
    });
    const tests = [
      ...Object.entries(faults).map(([name, series]) => firing(series, [name])),
      firing(quiet, []),
    ];
    const path = join(folder, "tests.yaml");
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ rule_files: [file], evaluation_interval: "15s", tests }));
    for (const args of [
      ["check", "rules", file],
      ["test", "rules", path],
    ]) {
      const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: "utf8" });
      expect(status, `${stdout}\n${stderr}`).toBe(0);
    }
  });
});
