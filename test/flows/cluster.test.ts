import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { arrived, check } from "../../scripts/chaos/check.ts";
import { newPlay, type Play, perform } from "../../scripts/chaos/play.ts";
import { seededRandom } from "../../scripts/chaos/random.ts";
import { outcomes, settle } from "../../scripts/chaos/round.ts";
import { type Stage, startStage } from "../../scripts/chaos/stage.ts";
import type { Suite } from "../../scripts/chaos/suites.ts";
import { type PrivateCluster, startPrivateCluster } from "../../scripts/private-cluster.ts";
import { channelTag, connectionTag } from "../../src/store/keys.ts";
import { commandLine } from "../support/command-line.ts";
import { until } from "../support/until.ts";

const SEED = 20_261_121;
/** The master that is killed. */
const DYING = 0;
/** Longer than ioredis tries by itself. */
const LEAST_OUTAGE_MS = 2000;
const PATIENCE = { withinMs: 60_000, everyMs: 100 };
const PEOPLE = 3;

interface Installation {
  cluster: PrivateCluster;
  stage: Stage;
  /** By where its channel and its helpdesk account are kept. */
  suites: { channelDies: Suite; accountDies: Suite; goesOn: Suite };
  plays: ReadonlyMap<Suite, Play>;
}

/** A name whose channel is on one master and whose connection is on another. */
async function suiteOn(
  cluster: PrivateCluster,
  masters: { channel: number; connection: number },
): Promise<Suite> {
  for (let n = 0; ; n++) {
    const name = `number-${n}`;
    const isChannel = (await cluster.masterOf(channelTag(name))) === masters.channel;
    const isThere = isChannel && (await cluster.masterOf(connectionTag(name))) === masters.connection;
    if (isThere) return { name, people: PEOPLE, idempotency: "B", lagMs: 0, cuts: 0, killsPerRound: 1 };
  }
}

/** Three masters with a replica each, three numbers, two intakes and two workers, as they are shipped. */
async function install(): Promise<Installation> {
  const cluster = await startPrivateCluster({
    hasReplicas: true,
    nodeTimeout: 120_000,
    say: () => undefined,
  });
  onTestFinished(() => cluster.stop());
  const suites = {
    channelDies: await suiteOn(cluster, { channel: DYING, connection: 1 }),
    accountDies: await suiteOn(cluster, { channel: 2, connection: DYING }),
    goesOn: await suiteOn(cluster, { channel: 1, connection: 2 }),
  };
  const all = Object.values(suites);
  const stage = await startStage({
    suites: all,
    redisPort: cluster.masters[DYING]?.port ?? 0,
    redis: { cluster: cluster.urls, waitReplicas: 1 },
    program: commandLine[0] ?? "",
    random: seededRandom(SEED),
    isProxied: false,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  onTestFinished(() => stage.stop());
  await Promise.all((["intake", "intake", "worker", "worker"] as const).map((role) => stage.start(role)));
  return { cluster, stage, suites, plays: new Map(all.map((suite) => [suite, newPlay(suite, all)])) };
}

/** How much of what was written to a number, and of what its staff answered, is on the other side. */
async function arrivedOf({ stage, plays }: Installation, suite: Suite): Promise<number> {
  const play = plays.get(suite);
  return play ? arrived(play, await stage.deskLedger(suite), await stage.graphLedger()) : 0;
}

/**
 * What came out of order of that which people wrote. Replies are no part of it where a master was away: the helpdesk's
 * webhooks were refused, and it repeats each by itself.
 */
async function orderOfMessages({ stage }: Installation, suite: Suite, play: Play): Promise<string[]> {
  const people = play.people.map((person) => ({ ...person, answers: [] }));
  return check({ ...play, people }, await stage.deskLedger(suite), await stage.graphLedger()).faults;
}

/**
 * The master dies under fire; nobody takes over until webhooks were refused and others have gone on. Then its replica does, and it
 * comes back as the replica.
 */
async function failOver(installation: Installation): Promise<void> {
  const { cluster, suites, stage } = installation;
  await cluster.masters[DYING]?.kill();
  const before = await arrivedOf(installation, suites.goesOn);
  await sleep(LEAST_OUTAGE_MS);
  const isRefused = async () => (await stage.graphLedger()).webhooks.some(({ status }) => status === 503);
  const othersGoOn = async () => (await arrivedOf(installation, suites.goesOn)) > before;
  await until("a webhook to be refused", isRefused, PATIENCE);
  await until("another number to go on", othersGoOn, PATIENCE);
  await cluster.takeOver(DYING);
  await cluster.masters[DYING]?.restart();
}

it("G3, R24: on a Redis Cluster nothing is lost, doubled or out of order while a master dies and its replica takes over", async () => {
  const installation = await install();
  const { cluster, stage, suites, plays } = installation;
  let isOver = false;
  const all = [...plays.keys()];
  const played = Promise.all(
    [...plays].map(([suite, play], index) =>
      perform(play, suite, {
        suites: all,
        stage,
        untilKilled: async () => !isOver,
        random: seededRandom(SEED + index),
      }),
    ),
  );
  const enough = async () => (await arrivedOf(installation, suites.channelDies)) >= 4 * PEOPLE;
  await until("the conversations to be under way", enough, PATIENCE);

  await failOver(installation);
  const after = await arrivedOf(installation, suites.channelDies);
  const goesOn = async () => (await arrivedOf(installation, suites.channelDies)) >= after + 2 * PEOPLE;
  await until("the channel to go on at the replica", goesOn, PATIENCE);
  isOver = true;
  await played;
  const address = { cluster: cluster.urls };
  await settle(address, stage, plays, () => undefined);

  const results = await outcomes(address, stage, plays);
  for (const result of results) {
    const none = { lost: 0, doubled: 0, held: 0, dead: 0, unaccounted: 0 };
    expect(result).toMatchObject({ ...none, arrived: result.events });
  }
  for (const [suite, play] of plays) expect(await orderOfMessages(installation, suite, play)).toEqual([]);
  expect(results.find(({ name }) => name === suites.goesOn.name)).toMatchObject({ reordered: 0 });
  const told = results.map(({ name, events }) => `${name} ${events}`).join(", ");
  process.stderr.write(`cluster, seed ${SEED}: events by number: ${told}\n`);
}, 240_000);
