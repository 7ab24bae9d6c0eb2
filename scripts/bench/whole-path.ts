import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Redis } from "ioredis";
import type { DeskferryProcess } from "../deskferry-process.ts";
import { childrenOf, cpuTimeOf, cpuTimeWithChildren, mostResidentBytesOf } from "./cpu-time.ts";
import { pidOf } from "./intake.ts";
import { sendLoad } from "./load.ts";
import { writeMappingAsByHand } from "./mapping-folder.ts";
import { type BenchOptions, inTurn } from "./options.ts";
import { countOf, countsOf, openPathStage, PATH, type PathStage, untilCount } from "./path-stage.ts";
import { startProcess } from "./process.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { createWebhooks } from "./webhooks.ts";

export interface WholePathResult {
  /** In a round; of half as many people. */
  messages: number;
  /** Messages a second, from the first webhook until the helpdesk has all of them; each costs two calls. */
  ours: Spread;
  /** The same by `synchronous-flow.ts`. */
  byHand: Spread;
  /** Of others, by name; with `--peers` only. */
  peers: Record<string, PeerResult>;
  /** Microseconds of CPU a message, of intake, worker and their children together, and of the flow by hand. */
  cpuOfOurs: Spread;
  cpuByHand: Spread;
  /** Of the worker with its children alone, and of Redis; microseconds a message. */
  cpuOfWorker: Spread;
  cpuOfRedis: Spread;
  /** Calls to the helpdesk for a message of somebody who has a ticket. */
  callsAMessage: number;
  /** Bytes of Redis that stay for a person whose messages are all handled. */
  bytesAnIdleConversation: number;
  /** The most that the worker, the intake and the largest child that evaluates mappings have held. */
  residentBytes: { worker: number; intake: number; mapping: number };
}

export interface PeerResult {
  perSecond: Spread;
  cpu: Spread;
  residentBytes: number;
}

/** Someone who takes webhooks at a port of loopback and calls the helpdesk twice before the answer. */
export interface Peer {
  name: string;
  port: number;
  path: string;
  pid: number;
  stop(): void;
}

const MESSAGES_A_SECOND = 1500;
const CONNECTIONS = 50;
const LONGEST_SECONDS = 120;

/**
 * What is sent in a round. Everybody's first message makes a contact, a ticket and a comment, the second a comment: two
 * calls a message.
 */
export interface PathLoad {
  messages: number;
  people: number;
}

export function pathLoadOf({ seconds }: Pick<BenchOptions, "seconds">): PathLoad {
  const people = Math.ceil((MESSAGES_A_SECOND * seconds) / 2);
  return { messages: 2 * people, people };
}

/** Processor in microseconds a message, of all processes but Redis. */
export interface PathRound {
  perSecond: number;
  cpu: number;
  /** Of Deskferry only: its worker with the children alone, and Redis. */
  cpuOfWorker?: number;
  cpuOfRedis?: number;
}

/** From the webhook to the helpdesk with two calls a message: Deskferry, the flow by hand and `peers`, in turns. */
export async function benchWholePath(
  options: BenchOptions,
  startPeers: (deskUrl: string) => Promise<Peer[]>,
): Promise<WholePathResult> {
  const { rounds, say } = options;
  const work = pathLoadOf(options);
  const mapping = await mkdtemp(path.join(tmpdir(), "deskferry-mapping-"));
  await writeMappingAsByHand(mapping);
  // The others have as many calls under way as there are connections.
  const stage = await openPathStage({ mapping, queue: { concurrency: CONNECTIONS } });
  const worker = await stage.startWorker();
  const byHand = await startProcess("scripts/bench/synchronous-flow.ts", [stage.deskUrl]);
  const peers: Peer[] = [{ name: "by hand", path: "/", ...byHand }];
  const measured = new Map<string, PathRound[]>();
  try {
    peers.push(...(await startPeers(stage.deskUrl)));
    const names = ["Deskferry", ...peers.map((peer) => peer.name)];
    for (let round = 0; round <= rounds; round++) {
      for (const name of inTurn(names, round)) {
        const peer = peers.find((each) => each.name === name);
        const one = peer ? await throughPeer(peer, work) : await throughDeskferry({ ...stage, worker }, work);
        if (round > 0) measured.set(name, [...(measured.get(name) ?? []), one]);
        say(`round ${round} of ${rounds}, ${name}: ${one.perSecond.toFixed(0)} messages/s`);
      }
    }
    return await resultOf({ ...stage, worker }, measured, { peers, work });
  } finally {
    for (const peer of peers) peer.stop();
    await stage.stop();
    await rm(mapping, { recursive: true, force: true });
  }
}

type RunningStage = PathStage & { worker: DeskferryProcess };

/** Until the helpdesk has a comment for each message, on an empty Redis. */
export async function throughDeskferry(
  { client, desk, intake, port, worker }: RunningStage,
  { messages, people }: PathLoad,
): Promise<PathRound> {
  await client.flushall();
  const redis = await pidOf(client);
  const requests = createWebhooks(PATH, people)(messages);
  const cpuOf = () => [intake.pid, worker.pid, redis].map(cpuTimeWithChildren);
  const [comments, before, begun] = [await countOf(desk, "comments"), cpuOf(), performance.now()];
  await send(requests, port);
  await untilCount(desk, "comments", comments + messages);
  const seconds = (performance.now() - begun) / 1000;
  const [ofIntake = 0, cpuOfWorker = 0, cpuOfRedis = 0] = cpuOf().map(
    (cpu, index) => (cpu - (before[index] ?? 0)) / messages,
  );
  return { perSecond: messages / seconds, cpu: ofIntake + cpuOfWorker, cpuOfWorker, cpuOfRedis };
}

async function throughPeer(
  { port, path: address, pid }: Peer,
  { messages, people }: PathLoad,
): Promise<PathRound> {
  const requests = createWebhooks(address, people)(messages);
  const [cpu, begun] = [cpuTimeOf(pid), performance.now()];
  await send(requests, port);
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: messages / seconds, cpu: (cpuTimeOf(pid) - cpu) / messages };
}

async function send(requests: Buffer[], port: number): Promise<void> {
  const load = await sendLoad({ requests, port, connections: CONNECTIONS, seconds: LONGEST_SECONDS });
  if (load.accepted < requests.length)
    throw new Error(`${load.accepted} of ${requests.length} were accepted`);
}

async function resultOf(
  stage: RunningStage,
  measured: ReadonlyMap<string, PathRound[]>,
  { peers, work }: { peers: readonly Peer[]; work: PathLoad },
): Promise<WholePathResult> {
  const { client, intake, worker } = stage;
  const of = (name: string, key: keyof PathRound) =>
    spreadOf((measured.get(name) ?? []).map((round) => round[key] ?? 0));
  const bytesAnIdleConversation = await idleBytes(client, work.people);
  const others = peers.filter(({ name }) => name !== "by hand");
  return {
    messages: work.messages,
    ours: of("Deskferry", "perSecond"),
    byHand: of("by hand", "perSecond"),
    cpuOfOurs: of("Deskferry", "cpu"),
    cpuByHand: of("by hand", "cpu"),
    cpuOfWorker: of("Deskferry", "cpuOfWorker"),
    cpuOfRedis: of("Deskferry", "cpuOfRedis"),
    bytesAnIdleConversation,
    callsAMessage: await steadyCalls(stage, work.people),
    residentBytes: {
      worker: mostResidentBytesOf(worker.pid),
      intake: mostResidentBytesOf(intake.pid),
      mapping: Math.max(...childrenOf(worker.pid).map(mostResidentBytesOf)),
    },
    peers: Object.fromEntries(
      others.map(({ name, pid }) => [
        name,
        { perSecond: of(name, "perSecond"), cpu: of(name, "cpu"), residentBytes: mostResidentBytesOf(pid) },
      ]),
    ),
  };
}

/** Calls to the helpdesk a message, for people who are known and write on; polling goes on at its pace, whoever writes. */
export async function steadyCalls({ desk, port }: PathStage, people: number): Promise<number> {
  const before = await countsOf(desk);
  const comments = before["comments"] ?? 0;
  await send(createWebhooks(PATH, people)(people), port);
  await untilCount(desk, "comments", comments + people);
  const sum = ({ changes = 0, ...all }: Record<string, number>) =>
    Object.values(all).reduce((total, count) => total + count, 0);
  return (sum(await countsOf(desk)) - sum(before)) / people;
}

/** Keys that a person keeps when nothing of theirs waits; those of single events end by themselves after 8 days. */
const OF_PERSON = /^\{deskferry:[^}]*\}:(person|alias|contact|ticket|consent|window):/;

/** Bytes of Redis that stay for somebody of so many people. */
export async function idleBytes(client: Redis, people: number): Promise<number> {
  let bytes = 0;
  for await (const names of client.scanStream({ count: 1000 })) {
    const mine = (names as string[]).filter((name) => OF_PERSON.test(name));
    const sizes = await client.pipeline(mine.map((name) => ["memory", "usage", name])).exec();
    for (const [, size] of sizes ?? []) bytes += Number(size);
  }
  return bytes / people;
}
