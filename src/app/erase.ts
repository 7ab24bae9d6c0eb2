import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lane } from "../domain/lane.ts";
import type { Person } from "../domain/person.ts";
import type { WakeQueues } from "../queue/wake-queues.ts";
import type { Rewritten } from "../store/append-only-file.ts";
import type { Holding, Kind } from "../store/personal/holding.ts";
import type { HeldElsewhere, PersonalData } from "../store/personal/personal-data.ts";
import type { Subject } from "../store/personal/subject.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { Audit } from "./audit.ts";
import { packaged } from "./scaffold-files.ts";

export interface EraseOptions {
  /** Who opted out stays so, under a digest. */
  keepOptOut: boolean;
  /** How long the events that are being handled are waited for, in milliseconds. */
  waitMs: number;
  /** Gets a line for what takes long. No personal data but the helpdesk's ids. */
  tell(line: string): void;
  now(): number;
}

export interface EraseTools {
  data: PersonalData;
  queues: Pick<WakeQueues, "atWork" | "forget">;
  audit: Pick<Audit, "record">;
  /** Those of the settings, whose audit logs tell of it. */
  configured: readonly string[];
  /** All that anything is held of. */
  channels: readonly string[];
  connections: readonly string[];
  connectionOf(channel: string): string;
}

/** What was done, without personal data. */
export interface ErasureReceipt {
  deskferry: string;
  /** ISO 8601. */
  at: string;
  /** Keyed digest of what the person was named by. */
  person: string;
  /** How many of each kind in each channel, by this run. */
  removed: Record<string, Partial<Record<Kind, number>>>;
  keptOptOuts: number;
  /** Entries of the audit log that name the person by our id, and stay for its time. */
  keptAuditEntries: number;
  appendOnlyFile: Rewritten;
  /** Not removed by us. */
  leftInHelpdesk: HeldElsewhere[];
  /** Shows that nobody has changed it since: a keyed hash of all else, whose key stays in this Redis. */
  proof: string;
}

/** It could not be brought to its end; running it again goes on. */
export class NotErased extends Error {
  constructor(reason: string) {
    super(`${reason}. Nothing that has been removed comes back; run the command again`);
    this.name = "NotErased";
  }
}

/** A pass finds what was written during the one before it: the first removes, the second mostly finds nothing. */
const MOST_PASSES = 10;
const LOOK_MS = 100;

interface Case {
  person: Person;
  subjects: Subject[];
  receipt: ErasureReceipt;
}

/**
 * Removes people from Redis while others work on. Their waiting events go first, so that no drain begins another one; then
 * the drains at work are waited for, since they may write; then all goes that is found, and this again until nothing is
 * found (docs/decisions/0040).
 */
export async function erase(
  people: readonly Person[],
  tools: EraseTools,
  options: EraseOptions,
): Promise<ErasureReceipt[]> {
  const cases = await open(people, tools);
  await record(cases, tools, options);
  crashPoint("erase.recorded");
  await removeAll(cases, tools, options);
  for (const { subjects, receipt } of cases)
    receipt.keptAuditEntries = (await tools.data.findInAudit(subjects)).length;
  const appendOnlyFile = await tools.data.rewriteAppendOnlyFile(options.tell);
  const at = new Date(options.now()).toISOString();
  return Promise.all(
    cases.map(async ({ receipt: { proof: _, ...rest } }) => {
      const receipt = { ...rest, at, appendOnlyFile };
      return { ...receipt, proof: await tools.data.proofOf(JSON.stringify(receipt)) };
    }),
  );
}

async function open(people: readonly Person[], { data, channels }: EraseTools): Promise<Case[]> {
  const { version } = JSON.parse(await readFile(await packaged("package.json"), "utf8")) as {
    version: string;
  };
  const subjects = await data.subjects(people, channels);
  const cases: Case[] = [];
  for (const [index, person] of people.entries()) {
    const named = await data.nameInReceipts(person);
    const receipt: ErasureReceipt = {
      ...{ deskferry: version, at: "", person: named, removed: {} },
      ...{ keptOptOuts: 0, keptAuditEntries: 0, appendOnlyFile: "off", leftInHelpdesk: [], proof: "" },
    };
    cases.push({ person, subjects: subjects[index] ?? [], receipt });
  }
  return cases;
}

/** Before it is done, and without an id that leads to anybody. */
async function record(
  cases: readonly Case[],
  { audit, configured }: EraseTools,
  { keepOptOut }: EraseOptions,
): Promise<void> {
  for (const { receipt } of cases) {
    const detail = { person: receipt.person, keepOptOut: String(keepOptOut) };
    await audit.record(configured, { what: "person.erased", detail });
  }
}

async function removeAll(cases: readonly Case[], tools: EraseTools, options: EraseOptions): Promise<void> {
  const kept = new Set<string>();
  for (let pass = 1; pass <= MOST_PASSES; pass++) {
    const taken = await takeEvents(cases, tools);
    crashPoint("erase.taken");
    await untilNobodyWorks(cases, tools, options);
    const subjects = cases.flatMap((one) => one.subjects);
    const found = (await tools.data.find(subjects, tools.connections)).filter(({ key }) => !kept.has(key));
    if (found.length === 0 && taken === 0) return;
    options.tell(`pass ${pass}: ${found.length + taken} things are removed`);
    await note(cases, found, tools, options);
    const stays = options.keepOptOut ? await tools.data.keepStops(found) : [];
    for (const key of stays) kept.add(key);
    await forgetWakeJobs(found, tools);
    await tools.data.remove(found.filter(({ kind, key }) => !isJob(kind, key) && !kept.has(key)));
    crashPoint("erase.removed");
    for (const { subjects: theirs, receipt } of cases) {
      receipt.keptOptOuts += stays.filter((key) =>
        theirs.some(({ people }) => people.has(lastOf(key))),
      ).length;
    }
  }
  throw new NotErased("somebody goes on writing about these people");
}

async function takeEvents(cases: readonly Case[], { data }: EraseTools): Promise<number> {
  let taken = 0;
  for (const { subjects, receipt } of cases) {
    for (const subject of subjects) {
      const count = await data.takeEvents(subject);
      if (count > 0) add(receipt, subject.channel, "waitingEvents", count);
      taken += count;
    }
  }
  return taken;
}

async function untilNobodyWorks(
  cases: readonly Case[],
  { queues, channels }: EraseTools,
  { waitMs, tell }: EraseOptions,
): Promise<void> {
  const end = performance.now() + waitMs;
  for (let told = 0; ; await sleep(LOOK_MS)) {
    let atWork = 0;
    for (const channel of channels) {
      const subjects = cases.flatMap((one) => one.subjects).filter((subject) => subject.channel === channel);
      atWork += await queues.atWork(channel, new Set(subjects.flatMap(({ people }) => [...people])));
    }
    if (atWork === 0) return;
    if (performance.now() > end)
      throw new NotErased(`${atWork} events of these people are still being handled`);
    if (told !== atWork) tell(`${atWork} events of these people are being handled; their end is waited for`);
    told = atWork;
  }
}

/** What the helpdesk holds is told before its ids are removed: a run that is cut short must not lose them. */
async function note(
  cases: readonly Case[],
  found: readonly Holding[],
  { data, connectionOf }: EraseTools,
  { tell }: EraseOptions,
): Promise<void> {
  for (const { subjects, receipt } of cases) {
    const theirs = found.filter(({ subject }) => subjects.includes(subject));
    for (const { kind, subject } of theirs) add(receipt, subject.channel, kind, 1);
    for (const { connection, contact, tickets } of await data.heldElsewhere(theirs, connectionOf)) {
      tell(`left in ${connection}: contact ${contact ?? "unknown"}, tickets ${tickets.join(", ") || "none"}`);
      const known = receipt.leftInHelpdesk.find((one) => one.connection === connection);
      if (known) {
        known.contact ??= contact;
        known.tickets = [...new Set([...known.tickets, ...tickets])];
      } else receipt.leftInHelpdesk.push({ connection, contact, tickets: [...new Set(tickets)] });
    }
  }
}

function add({ removed }: ErasureReceipt, channel: string, kind: Kind, count: number): void {
  const ofChannel = removed[channel] ?? {};
  removed[channel] = ofChannel;
  ofChannel[kind] = (ofChannel[kind] ?? 0) + count;
}

async function forgetWakeJobs(found: readonly Holding[], { queues }: EraseTools): Promise<void> {
  for (const { kind, key, subject } of found) {
    const [, lane, id] = kind === "wakeJobs" ? (/:(in|out|receipt):(\d+)$/.exec(key) ?? []) : [];
    if (lane && id) await queues.forget(subject.channel, lane as Lane, id);
  }
}

function isJob(kind: Kind, key: string): boolean {
  return kind === "wakeJobs" && /:\d+$/.test(key);
}

function lastOf(key: string): string {
  return key.slice(key.lastIndexOf(":") + 1);
}
