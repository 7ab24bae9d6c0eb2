import type { ReverseLink } from "../links.ts";
import { type Redis, scanKeys } from "../redis.ts";
import { ask, type Command } from "./ask.ts";
import { type Holding, type Kind, ownersOf } from "./holding.ts";
import type { Subject } from "./subject.ts";

type Owner = ReturnType<typeof ownersOf>;

/** A key of ours, taken apart: `{deskferry:city}:outbound:1a2b-0` is of `city`, `outbound`, `1a2b-0`. */
interface Name {
  key: string;
  channel: string;
  family: string;
  id: string;
}

/** Keys whose names end with a person's id. */
const NAMED: Readonly<Record<string, Kind>> = {
  person: "person",
  contact: "contact",
  ticket: "ticket",
  pace: "pace",
  "stop:person": "templateHolds",
  "consent:all": "consents",
  "consent:marketing": "consents",
  ...each("mailbox:", "waitingEvents"),
  ...each("head:", "triesOfEvents"),
  // BullMQ's: who is not woken twice, and who is woken once more.
  ...each("", "wakeJobs", ":de"),
  ...each("", "wakeJobs", ":dn"),
};

function each(before: string, kind: Kind, after = ""): Record<string, Kind> {
  return Object.fromEntries(["in", "out", "receipt"].map((lane) => [`${before}${lane}${after}`, kind]));
}

/** Keys whose contents say whose they are. */
interface Reader {
  read(key: string): Command;
  judge(value: unknown, name: Name, owner: Owner): Holding | undefined;
}

const wakeJob: Reader = {
  read: (key) => ["hget", key, "data"],
  judge: (value, { key, channel, id }, owner) => {
    if (typeof value !== "string" || !/^\d+$/.test(id)) return undefined;
    const subject = owner(channel, (JSON.parse(value) as { person?: string }).person ?? "");
    return subject && { kind: "wakeJobs", subject, key };
  },
};

const READERS: Readonly<Record<string, Reader>> = {
  alias: {
    read: (key) => ["get", key],
    judge: (value, { key, channel, id }, owner) => {
      const subject = owner(channel, String(value));
      subject?.aliases.add(id);
      return subject && { kind: "aliases", subject, key };
    },
  },
  outbound: {
    read: (key) => ["hget", key, "person"],
    judge: (value, { key, channel, id }, owner) => {
      const subject = owner(channel, String(value));
      // The event's key comes first: intentOf.
      subject?.events.add(id.split("-")[0] ?? "");
      return subject && { kind: "outbounds", subject, key };
    },
  },
  in: wakeJob,
  out: wakeJob,
  receipt: wakeJob,
};

/** The ways back from tickets: they also tell which tickets there have been. */
export async function findWaysBack(redis: Redis, subjects: readonly Subject[]): Promise<Holding[]> {
  const owner = ownersOf(subjects);
  const found: Holding[] = [];
  for await (const names of scanKeys(redis, "{deskferry:connection:*}:ticket:*")) {
    const values = await ask(
      redis,
      names.map((name): Command => ["get", name]),
    );
    for (const [index, key] of names.entries()) {
      const value = values[index];
      if (typeof value !== "string") continue;
      const { channel, person, epoch } = JSON.parse(value) as ReverseLink;
      const subject = owner(channel, person);
      if (!subject) continue;
      subject.tickets.add(key.slice(key.indexOf(":ticket:") + ":ticket:".length));
      subject.epoch = Math.max(subject.epoch, epoch);
      found.push({ kind: "wayBack", subject, key });
    }
  }
  return found;
}

/** What the names and the contents of single keys tell, in one walk through all keys. */
export async function findKeys(redis: Redis, subjects: readonly Subject[]): Promise<Holding[]> {
  const owner = ownersOf(subjects);
  const channels = new Set(subjects.map(({ channel }) => channel));
  const found: Holding[] = [];
  for await (const batch of scanKeys(redis, "{deskferry:*")) {
    const names = batch.flatMap((key) => nameOf(key) ?? []).filter((name) => channels.has(name.channel));
    for (const { key, channel, family, id } of names) {
      const kind = NAMED[family];
      const subject = kind && owner(channel, id);
      if (kind && subject) found.push({ kind, subject, key });
    }
    found.push(...(await readSome(redis, names, owner)));
    await noteSteps(redis, names, subjects);
  }
  return found;
}

function nameOf(key: string): Name | undefined {
  const [, channel, family, id] = /^\{deskferry:([a-z0-9-]+)\}:(.+):([^:]+)$/.exec(key) ?? [];
  return channel && family && id ? { key, channel, family, id } : undefined;
}

async function readSome(redis: Redis, names: readonly Name[], owner: Owner): Promise<Holding[]> {
  const told = names.flatMap((name) => {
    const reader = READERS[name.family];
    // BullMQ's own lists stand beside its jobs.
    const isOther = reader === wakeJob && !/^\d+$/.test(name.id);
    return reader && !isOther ? [{ name, reader }] : [];
  });
  const values = await ask(
    redis,
    told.map(({ name, reader }) => reader.read(name.key)),
  );
  return told.flatMap(({ name, reader }, index) => reader.judge(values[index], name, owner) ?? []);
}

/** Steps name no person, but the ticket that an event went to. */
async function noteSteps(redis: Redis, names: readonly Name[], subjects: readonly Subject[]): Promise<void> {
  const steps = names.filter(({ family }) => family === "steps");
  const tickets = await ask(
    redis,
    steps.map(({ key }): Command => ["hget", key, "ticket"]),
  );
  for (const [index, { channel, id }] of steps.entries()) {
    const ticket = tickets[index];
    if (typeof ticket !== "string") continue;
    subjects.find((subject) => subject.channel === channel && subject.tickets.has(ticket))?.events.add(id);
  }
}
