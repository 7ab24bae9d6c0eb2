import { Command, InvalidArgumentError } from "commander";
import { type AuditReport, type AuditReports, openAuditReports } from "../../app/audit-reports.ts";
import { loadSettings } from "../../app/settings.ts";
import { configOption } from "../config-option.ts";
import { printFinding } from "../print-check.ts";

/** `deskferry audit list|verify`: what somebody may have to answer for, and whether the log of it is whole. */
export function auditCommand(): Command {
  const audit = new Command("audit").description("look at the log of what operators and the system did");
  audit
    .command("list")
    .description("entries, a line each: channel, number, time, who, what; oldest first")
    .option("--channel <name>", "only the log of this channel")
    .option("--what <act>", "only these acts: dead.replayed, or all that begin with dead")
    .option("--since <time>", "only from this time on, e.g. 2026-11-01")
    .addOption(configOption())
    .action(list);
  audit
    .command("verify")
    .description("find the first entry that was changed, removed, added or reordered; exit code 1 for one")
    .option(
      "--anchor <channel:number:hash>",
      "an entry noted at an earlier time outside of Redis; once a channel",
      anchors,
    )
    .addOption(configOption())
    .action(verify);
  return audit;
}

interface Filter {
  channel?: string;
  what?: string;
  since?: string;
}

async function list({ config: file, ...filter }: Filter & { config: string }): Promise<void> {
  const reports = await openAuditReports(await loadSettings(file));
  for (const channel of reports.channels) {
    if ((filter.channel ?? channel) !== channel) continue;
    for (const { seq, at, by, what, detail } of await reports.list(channel)) {
      if (at < (filter.since ?? "") || !isOf(what, filter.what)) continue;
      const details = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
      process.stdout.write(`${[channel, seq, at, by, what, ...details].join("  ")}\n`);
    }
  }
  await reports.close();
}

function isOf(what: string, wanted: string | undefined): boolean {
  return wanted === undefined || what === wanted || what.startsWith(`${wanted}.`);
}

type Anchors = ReadonlyMap<string, { seq: number; hash: string }>;

function anchors(text: string, before: Anchors = new Map()): Anchors {
  const [, channel, seq, hash] = /^([a-z0-9-]+):([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (channel === undefined || hash === undefined)
    throw new InvalidArgumentError("Give it as `deskferry audit verify` printed it.");
  return new Map([...before, [channel, { seq: Number(seq), hash }]]);
}

async function verify({ config: file, anchor }: { config: string; anchor?: Anchors }): Promise<void> {
  const reports = await openAuditReports(await loadSettings(file));
  for (const channel of anchor?.keys() ?? []) {
    if (reports.channels.includes(channel)) continue;
    process.stderr.write(`The settings know no channel ${channel}, which --anchor names.\n`);
    process.exitCode = 1;
  }
  for (const channel of reports.channels) print(await reports.verify(channel, anchor?.get(channel)));
  await reports.close();
  process.stdout.write(proof(reports));
}

function print({ channel, good, fault, first, last, anchor }: AuditReport): void {
  if (fault) process.exitCode = 1;
  const entries =
    first && last ? [`${good} entries are as they were made; the log has ${first} to ${last}`] : [];
  printFinding(fault ? "FAIL" : "ok", `channels.${channel}`, [
    ...(fault ? [`entry ${fault.seq} ${fault.says}`] : []),
    ...(entries.length > 0 ? entries : ["there are no entries: nothing has happened yet, or all is gone"]),
    ...(anchor ? [`to note outside of Redis: ${anchor}`] : []),
  ]);
}

/** What the result means, and what it does not. */
function proof({ secretId }: AuditReports): string {
  const lines = secretId
    ? [`Made with audit.secret (${secretId}): whoever does not have it can change, add or reorder nothing.`]
    : [
        "There is no audit.secret: this finds mistakes and careless changes, but whoever can write to Redis can make a whole new log.",
      ];
  const end = "That the newest entries are all there is only shown by --anchor with one that was noted.";
  return `${[...lines, end].join("\n")}\n`;
}
