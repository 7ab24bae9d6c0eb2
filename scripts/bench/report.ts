import type { AgainstResult } from "./against.ts";
import type { CallsResult } from "./calls.ts";
import { type Goal, goalsOf, isMet } from "./goals.ts";
import type { IntakeResult, IntakeRow } from "./intake.ts";
import type { OrderedResult } from "./ordered.ts";
import type { Measured, Part, Run } from "./parts.ts";
import { figure } from "./plot.ts";
import type { ProfileResult, Shares } from "./profile.ts";
import type { ReceiptsResult } from "./receipts.ts";
import type { Spread } from "./statistics.ts";
import type { WholePathResult } from "./whole-path.ts";
import type { WorkersResult } from "./workers.ts";

/** docs/performance.md, of the parts that there are. */
export function describePerformance(measured: Measured): string {
  const { intake, calls, path, ordered, receipts, workers, profile, against } = measured;
  const machine = Object.values(measured)[0]?.run.machine ?? "";
  const sections = [
    section("Intake", intake, describeIntake),
    section("Calls to a helpdesk", calls, describeCalls),
    section("From the webhook to the helpdesk", path, describePath),
    section("What order costs", ordered, describeOrdered),
    section("What receipts cost", receipts, describeReceipts),
    section("Two workers", workers, describeWorkers),
    section("Where the time goes", profile, describeProfile),
    section("Then and now", against, describeAgainst),
  ];
  return `# Performance

<!-- Written by \`npm run bench -- --write\`. Do not edit. -->

What Deskferry carries and costs, each figure as a ratio to a reference that was measured in the same run, in turns with it. Signatures,
deduplication, order and the append-only file are on. One round warms up; of the others the middle counts, and brackets hold the least and the
most. ${machine}. The load generator and all servers share these cores. \`npm run bench -- --growth\` shows how latency and memory grow with what is
kept, and writes \`growth.md\` beside this page.

![Each figure against its goal](images/performance.svg)

The line is what must be; longer is better, also for costs.

| figure | measured | must be | aim |
| --- | --- | --- | --- |
${goalsOf(measured).map(goalRow).join("\n")}
${sections.join("")}
## Do it yourself
\`npm run bench\` prints this page and, as its last line, the figures of the first table as JSON. \`-- --peers\` installs Node-RED for the time of the run and sends it the
same work, \`-- --only intake,path\` measures these parts, \`-- --against COMMIT\` an older Deskferry beside this one, \`-- --json FILE\` also writes all figures,
\`-- --rounds N --seconds N\` takes longer, \`-- --write\` renews this page; what was not measured again stays as \`docs/performance.json\` has it. It needs Linux and
a machine with nothing else to do: absolute figures differ from machine to machine, and other work on it moves the ratios as well.
`;
}

function section<T>(title: string, part: Part<T> | undefined, describe: (result: T) => string): string {
  return part ? `\n## ${title}\n${describe(part.result)}\n\n${describeRun(part.run)}\n` : "";
}

function describeRun({ at, commit, command, rounds, seconds }: Run): string {
  return `*${at}, commit ${commit}, ${rounds} rounds, ${seconds} s: \`${command}\`*`;
}

function goalRow(goal: Goal): string {
  const sign = goal.isCost ? "≤" : "≥";
  const verdict = isMet(goal, "aim") ? "aim reached" : isMet(goal, "must") ? "met" : "**not met**";
  return `| ${goal.what} | ${figure(goal.value)}, ${verdict} | ${sign} ${figure(goal.must)} | ${sign} ${figure(goal.aim)} |`;
}

function describeIntake({ rows, residentBytes }: IntakeResult): string {
  return `Webhooks with one text message each, by 50 connections, never the same twice. p50 and p99 at 4,000 a second, with an append-only file so short that Redis rewrites it in none of these
seconds. The limit is \`node:http\`, the
signature and one durable write to Redis a webhook: no parsing, no deduplication, no order (\`scripts/bench/limit-intake.ts\`).

| server | webhooks/s | CPU of the server, µs | CPU of Redis, µs | generator, cores | p50, ms | p99, ms |
| --- | --- | --- | --- | --- | --- | --- |
${rows.map(intakeRow).join("\n")}

${describeGenerator(rows)}
The process of the intake holds ${megabytes(residentBytes)} MB of memory at the end.`;
}

function intakeRow({ name, perSecond, cpuOfServer, cpuOfRedis, generator, p50, p99 }: IntakeRow): string {
  return `| ${name} | ${spread(perSecond, 0)} | ${spread(cpuOfServer, 1)} | ${spread(cpuOfRedis, 1)} | ${spread(generator, 2)} | ${spread(p50, 1)} | ${spread(p99, 1)} |`;
}

/** The faster a server answers, the more of the machine the generator takes from it. */
function describeGenerator([limit, always]: readonly IntakeRow[]): string {
  if (!limit || !always) return "";
  const cpuOf = (row: IntakeRow) => row.cpuOfServer.median + row.cpuOfRedis.median;
  return `The generator takes ${limit.generator.median.toFixed(2)} of a core beside the limit and ${always.generator.median.toFixed(2)} beside Deskferry, so the limit would answer more on a machine of its own.
By the CPU that server and Redis take for a webhook, which the generator does not change, the first ratio is ${figure(cpuOf(limit) / cpuOf(always))}.`;
}

function describeCalls({ ours, stockAxios }: CallsResult): string {
  return `A POST of 700 bytes, 50 at once, keep-alive: ${spread(ours, 1)} µs of our CPU a call; stock axios, which has a keep-alive agent and nothing
else, ${spread(stockAxios, 1)} µs.`;
}

function describePath(path: WholePathResult): string {
  return `${path.messages} messages of ${path.messages / 2} people as fast as they are taken, until the helpdesk has the last: a contact, a ticket and two comments for two messages, so two calls a
message. Deskferry runs as one intake and one worker, and keeps what it takes; \`queue.concurrency\` is 50, as many calls as the others have under way. The others answer only when the helpdesk has answered, forget what they were doing
when they end, and know no order: the flow by hand is \`scripts/bench/synchronous-flow.ts\`. CPU includes the children that evaluate mappings. All map the same; Deskferry two or three times a message,
since a comment is a record of its own.

| who | messages/s | CPU a message, µs | most memory, MB |
| --- | --- | --- | --- |
${pathRows(path).join("\n")}

Of ours, the worker and its children take ${spread(path.cpuOfWorker, 0)} µs a message; Redis takes ${spread(path.cpuOfRedis, 0)} µs more, for all of the path.

Somebody who has a ticket costs ${path.callsAMessage.toFixed(2)} calls a message, and ${path.bytesAnIdleConversation.toFixed(0)} bytes of Redis while they are silent. What is kept for 8 or 35 days,
to know repeats and receipts by, is not counted among these.`;
}

function pathRows({ ours, byHand, cpuOfOurs, cpuByHand, residentBytes, peers }: WholePathResult): string[] {
  const { intake, worker, mapping } = residentBytes;
  const memory = `${megabytes(intake)}, ${megabytes(worker)}, and ${megabytes(mapping)} a child for mappings`;
  return [
    `| Deskferry, intake and worker | ${spread(ours, 0)} | ${spread(cpuOfOurs, 0)} | ${memory} |`,
    `| by hand | ${spread(byHand, 0)} | ${spread(cpuByHand, 0)} | |`,
    ...Object.entries(peers).map(
      ([name, { perSecond, cpu, residentBytes: bytes }]) =>
        `| ${name} | ${spread(perSecond, 0)} | ${spread(cpu, 0)} | ${megabytes(bytes)} |`,
    ),
  ];
}

function describeOrdered({ ordered, unordered }: OrderedResult): string {
  return `4,000 events of 500 conversations with two calls each: ${spread(ordered, 0)} events/s through mailboxes, ${spread(unordered, 0)} as BullMQ jobs in whatever order.`;
}

function describeReceipts({ receipts, callsAReceipt, callsAFailure }: ReceiptsResult): string {
  return `${receipts} receipts (sent, delivered, read) of what staff had sent, counted where they arrive at the helpdesk: ${callsAReceipt.toFixed(2)} calls each. A receipt that says
that a message failed costs ${callsAFailure.toFixed(2)}: the note to staff.`;
}

function describeWorkers(workers: WorkersResult): string {
  if ("notMeasured" in workers) return `Not measured: ${workers.notMeasured}.`;
  return `A mapping of 1,000 rules takes nearly all the time. Mailboxes are filled before, no generator runs; a worker and its children are held to one core, two to a core each;
Redis and the helpdesk may take either, which favours the single one: ${spread(workers.one.perSecond, 0)} messages/s by one, ${spread(workers.two.perSecond, 0)} by two,
on ${spread(workers.one.cores, 2)} and ${spread(workers.two.cores, 2)} cores. A worker that is not held uses two
cores for mappings by itself, since it has two children.`;
}

function describeProfile({ intake, worker }: ProfileResult): string {
  const list = (shares: Shares) =>
    shares.map(({ part, percent }) => `${part} ${percent.toFixed(0)} %`).join(", ");
  return `By V8's profiler, which counts waiting for a system call, too; what Node does for somebody is theirs. Children for mappings are not in it.

An intake that gets all it can take: ${list(intake)}.

A worker that empties what waits: ${list(worker)}.`;
}

function describeAgainst({ commit, rows }: AgainstResult): string {
  return `Commit \`${commit}\`, built from the history with today's packages, and this one, by today's generators and in turns.

| figure | ${commit} | now |
| --- | --- | --- |
${rows.map(({ what, before, now }) => `| ${what} | ${spread(before, 1)} | ${spread(now, 1)} |`).join("\n")}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

function spread({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
