import { bytesOfOneMore, type Growth } from "./growth.ts";
import type { Latency } from "./latency.ts";
import { type Plot, plotLines } from "./line-plot.ts";

const MB = 1024 * 1024;
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const count = (value: number) => whole.format(value);
const ms = (value: number) => value.toFixed(1);
const mb = (bytes: number) => whole.format(bytes / MB);
const pair = ({ p50, p99 }: Latency) => `${ms(p50)} | ${ms(p99)}`;

/** docs/growth.md. */
export function describeGrowth(growth: Growth): string {
  const { run, idle, waiting, connections, mapping, drain } = growth;
  const perConversation = bytesOfOneMore(
    idle.map((one) => ({ size: one.conversations, bytes: one.redisBytes })),
  );
  const perEvent = bytesOfOneMore(waiting.map((one) => ({ size: one.events, bytes: one.redisBytes })));
  const slowCalls = 10 / 0.2;
  return `# How Deskferry grows

<!-- Written by \`npm run bench -- --growth --write\`. Do not edit. -->

What becomes of latency and memory when there is more of something. Fsync after every write; each point is measured three times for two seconds after a
warm-up, and the middle shown. The load generator shares the cores with what it measures. ${run.machine}, ${run.at}, commit ${run.commit},
\`${run.command}\`. What Deskferry carries at most: [performance](performance.md).

| what | costs in Redis |
| --- | --- |
| an idle conversation | ${count(perConversation)} bytes, for as long as it is kept |
| a waiting text event of 100 characters | ${count(perEvent)} bytes, until it is handled |
| a handled message | ${count(drain.bytesKept)} bytes for 8 days, to know it again and not to do it twice |

All as Redis counts its memory, tables and all. The trace is not among them: it ends at 20,000 entries a channel. While Redis writes its append-only
file anew, what changes meanwhile is held twice: leave as much again free.

## Idle conversations
People who wrote once and are silent, with contact, ticket and both ways to find them. 200 messages a second by some of them; \`queue.reorderMillis\` is 0 here: by
default a first message waits a quarter of a second for earlier ones.

![Latency and memory against idle conversations](images/growth-idle.svg)

| conversations | answered, p50, ms | p99, ms | in the helpdesk, p50, ms | p99, ms | Redis, MB | intake, MB | worker, MB |
| --- | --- | --- | --- | --- | --- | --- | --- |
${idle
  .map(
    (one) =>
      `| ${count(one.conversations)} | ${pair(one.answer)} | ${pair(one.path)} | ${mb(one.redisBytes)} | ${mb(one.intakeBytes)} | ${mb(one.workerBytes)} |`,
  )
  .join("\n")}

## Waiting events
No worker runs; 500 messages a second come on top.

![Latency and memory against waiting events](images/growth-waiting.svg)

| events | answered, p50, ms | p99, ms | Redis, MB | intake, MB |
| --- | --- | --- | --- | --- |
${waiting.map((one) => `| ${count(one.events)} | ${pair(one.answer)} | ${mb(one.redisBytes)} | ${mb(one.intakeBytes)} |`).join("\n")}

## After an outage
${count(drain.events)} messages of ${count(drain.people)} people, one a second for eight hours, were in the helpdesk ${drain.seconds.toFixed(0)} s after one worker was started: ${count(drain.events / drain.seconds)} a second, at
${drain.callsAnEvent.toFixed(2)} calls each, by a helpdesk that answers at once. One that takes 200 ms is asked by \`queue.concurrency\` 10 at a time, 50 calls a second, and needs
${count((drain.events * drain.callsAnEvent) / slowCalls / 60)} minutes; with a concurrency of 50 a fifth of that, if it can bear it.

## Connections
Open ones, each sending now and then, 500 webhooks a second by all of them. The intake keeps ${count(connections.keptOf2000)} of 2,000: it closes further ones at once. Meta and reverse proxies use few.

![Latency and memory against connections](images/growth-connections.svg)

| connections | answered, p50, ms | p99, ms | intake, MB |
| --- | --- | --- | --- |
${connections.points.map((one) => `| ${count(one.connections)} | ${pair(one.answer)} | ${mb(one.intakeBytes)} |`).join("\n")}

## Mapping size
One evaluation of comment.jsonata in its child, without anything else. Each rule compares a word of the message.

![Time and memory against the rules of a mapping](images/growth-mapping.svg)

| rules | bytes of the file | p50, ms | p99, ms | child, MB |
| --- | --- | --- | --- | --- |
${mapping.map((one) => `| ${count(one.rules)} | ${count(one.bytes)} | ${one.evaluation.p50.toFixed(2)} | ${one.evaluation.p99.toFixed(2)} | ${mb(one.childBytes)} |`).join("\n")}

An array of 1,000 objects written into a mapping ends with a stack overflow, because JSONata evaluates its items at once. Such lists belong into \`tables/\`.

## Do it yourself
\`npm run bench -- --growth\` prints this page; \`--most N\` sets the most conversations (1,000,000) and with them the most waiting events (three tenths), \`--write\` renews
this page and its pictures. It needs Linux, some minutes, about 3 GB of memory and a machine with nothing else to do.
`;
}

/** By name of the file below docs/images. */
export function plotGrowth({ idle, waiting, connections, mapping }: Growth): Record<string, string> {
  return {
    "growth-idle.svg": plotLines({
      ...titled("Idle conversations", "idle conversations", "until the helpdesk has a message"),
      panels: [
        latency(
          "Until the helpdesk has a message",
          idle,
          (one) => one.conversations,
          (one) => one.path,
        ),
        memory(idle, (one) => one.conversations, {
          Redis: (one) => one.redisBytes,
          intake: (one) => one.intakeBytes,
          worker: (one) => one.workerBytes,
        }),
      ],
    }),
    "growth-waiting.svg": plotLines({
      ...titled("Waiting events", "waiting events", "until a webhook is answered"),
      panels: [
        latency(
          "Until a webhook is answered",
          waiting,
          (one) => one.events,
          (one) => one.answer,
        ),
        memory(waiting, (one) => one.events, {
          Redis: (one) => one.redisBytes,
          intake: (one) => one.intakeBytes,
        }),
      ],
    }),
    "growth-connections.svg": plotLines({
      ...titled("Connections", "open connections", "until a webhook is answered"),
      panels: [
        latency(
          "Until a webhook is answered",
          connections.points,
          (one) => one.connections,
          (one) => one.answer,
        ),
        memory(connections.points, (one) => one.connections, { intake: (one) => one.intakeBytes }),
      ],
    }),
    "growth-mapping.svg": plotLines({
      ...titled("Mapping size", "rules of a mapping", "of one evaluation"),
      panels: [
        latency(
          "One evaluation",
          mapping,
          (one) => one.rules,
          (one) => one.evaluation,
        ),
        memory(mapping, (one) => one.rules, { child: (one) => one.childBytes }),
      ],
    }),
  };
}

function titled(title: string, x: string, time: string): Pick<Plot, "title" | "description" | "x"> {
  const description = `Left: milliseconds ${time}, p50 and p99. Right: megabytes of memory. Both against ${x}; the table of the page has the figures.`;
  return { title, description, x };
}

function latency<T>(
  title: string,
  points: readonly T[],
  sizeOf: (one: T) => number,
  latencyOf: (one: T) => Latency,
) {
  const line = (name: keyof Latency) => ({
    name,
    points: points.map((one) => ({ x: sizeOf(one), y: latencyOf(one)[name] })),
  });
  return { title, unit: "ms", lines: [line("p50"), line("p99")] };
}

function memory<T>(
  points: readonly T[],
  sizeOf: (one: T) => number,
  bytesOf: Record<string, (one: T) => number>,
) {
  const lines = Object.entries(bytesOf).map(([name, of]) => ({
    name,
    points: points.map((one) => ({ x: sizeOf(one), y: of(one) / MB })),
  }));
  return { title: "Memory", unit: "MB", lines };
}
