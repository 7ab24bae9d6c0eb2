import type { CallsResult } from "./calls.ts";
import type { IntakeResult, IntakeRow } from "./intake.ts";
import type { Spread } from "./statistics.ts";

export interface Performance {
  /** Day of the run. */
  at: string;
  machine: string;
  rounds: number;
  seconds: number;
  intake: IntakeResult;
  calls: CallsResult;
}

/** One figure beside what it must be. */
interface Goal {
  what: string;
  value: number;
  /** Whether a small value is the good one. */
  isCost: boolean;
  must: number;
  aim: number;
}

/** docs/performance.md. */
export function describePerformance(measured: Performance): string {
  const { intake, calls, machine, at, rounds, seconds } = measured;
  return `# Performance

<!-- Written by \`npm run bench -- --write\`. Do not edit. -->

What Deskferry carries and costs, each figure as a ratio to a reference that was measured in the same run, in turns with it. Signatures,
deduplication, order and the append-only file are on. ${rounds} rounds of ${seconds} s after one to warm up, the middle of them; the load generator runs beside
the servers. ${at}, ${machine}.

![Each figure against its goal](images/performance.svg)

The line is what must be; longer is better, also for costs.

| figure | measured | must be | aim |
| --- | --- | --- | --- |
${goalsOf(measured).map(goalRow).join("\n")}

The limit is \`node:http\`, the signature and one durable write to Redis a webhook: no parsing, no deduplication, no order
(\`scripts/bench/limit-intake.ts\`). Stock axios has a keep-alive agent and nothing else.

## Intake
Webhooks with one text message each, by 50 connections, never the same twice. p50 and p99 at 4,000 a second. In brackets the least and the most of the rounds.

| server | webhooks/s | CPU of the server, µs | CPU of Redis, µs | p50, ms | p99, ms |
| --- | --- | --- | --- | --- | --- |
${intake.rows.map(intakeRow).join("\n")}

The process of the intake holds ${(intake.residentBytes / 1024 / 1024).toFixed(0)} MB of memory at the end.

## Calls to a helpdesk
A POST of 700 bytes, 50 at once, keep-alive: ${spread(calls.ours, 1)} µs of our CPU a call; stock axios ${spread(calls.stockAxios, 1)} µs.

## Do it yourself
\`npm run bench\` prints this page, \`-- --json FILE\` also writes the figures, \`-- --rounds N --seconds N\` takes longer. It needs Linux and a machine with
nothing else to do: absolute figures differ from machine to machine, and other work on it moves the ratios as well.
`;
}

function goalsOf({ intake, calls }: Performance): Goal[] {
  const [limit, always, everysec] = intake.rows;
  if (!limit || !always || !everysec) throw new Error("a server was not measured");
  const ratio = (one: Spread, other: Spread) => one.median / other.median;
  return [
    {
      what: "durable, deduplicated, ordered intake / limit",
      value: ratio(always.perSecond, limit.perSecond),
      isCost: false,
      must: 0.5,
      aim: 1,
    },
    {
      what: "intake with fsync always / everysec",
      value: ratio(always.perSecond, everysec.perSecond),
      isCost: false,
      must: 0.85,
      aim: 0.95,
    },
    {
      what: "p99 of the acknowledgement at 4,000 webhooks/s / limit",
      value: ratio(always.p99, limit.p99),
      isCost: true,
      must: 3,
      aim: 1.5,
    },
    {
      what: "CPU of a helpdesk call / stock axios",
      value: ratio(calls.ours, calls.stockAxios),
      isCost: true,
      must: 0.5,
      aim: 0.3,
    },
    {
      what: "bytes of Redis a waiting text event",
      value: intake.bytesAWaitingEvent,
      isCost: true,
      must: 2048,
      aim: 1024,
    },
  ];
}

function goalRow({ what, value, isCost, must, aim }: Goal): string {
  const sign = isCost ? "≤" : "≥";
  const met = (goal: number) => (isCost ? value <= goal : value >= goal);
  const verdict = met(aim) ? "aim reached" : met(must) ? "met" : "**not met**";
  return `| ${what} | ${figure(value)}, ${verdict} | ${sign} ${figure(must)} | ${sign} ${figure(aim)} |`;
}

function intakeRow({ name, perSecond, cpuOfServer, cpuOfRedis, p50, p99 }: IntakeRow): string {
  return `| ${name} | ${spread(perSecond, 0)} | ${spread(cpuOfServer, 1)} | ${spread(cpuOfRedis, 1)} | ${spread(p50, 1)} | ${spread(p99, 1)} |`;
}

function spread({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

const BAR = { left: 370, width: 300, height: 22, gap: 14 };
/** Bars end here, as a multiple of the goal. */
const MOST = 2;

/** How much of each goal is reached: the line is what must be, and longer is better, also for costs. */
export function plotPerformance(measured: Performance): string {
  const goals = goalsOf(measured);
  const height = 40 + goals.length * (BAR.height + BAR.gap);
  const line = BAR.left + BAR.width / MOST;
  const bars = goals.map((goal, index) => bar(goal, 34 + index * (BAR.height + BAR.gap)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 ${height}" role="img" font-family="sans-serif" font-size="13">
<title>Each figure as a share of what it must be; longer is better</title>
<rect width="740" height="${height}" fill="#ffffff"/>
<text x="${line}" y="20" text-anchor="middle" fill="#444444">must be</text>
${bars.join("\n")}
<line x1="${line}" y1="26" x2="${line}" y2="${height - 8}" stroke="#444444" stroke-dasharray="4 3"/>
</svg>
`;
}

function bar({ what, value, isCost, must }: Goal, y: number): string {
  const share = isCost ? must / value : value / must;
  const width = (Math.min(share, MOST) / MOST) * BAR.width;
  const colour = share >= 1 ? "#2e7d32" : "#b26a00";
  const middle = y + BAR.height / 2 + 4;
  return `<text x="${BAR.left - 8}" y="${middle}" text-anchor="end" fill="#222222">${what.replace("&", "&amp;")}</text>
<rect x="${BAR.left}" y="${y}" width="${width.toFixed(0)}" height="${BAR.height}" fill="${colour}"/>
<text x="${BAR.left + width + 6}" y="${middle}" fill="#222222">${figure(value)}</text>`;
}
