import { setTimeout as sleep } from "node:timers/promises";
import type { DeskferryProcess } from "../deskferry-process.ts";
import type { PrivateRedis } from "../private-redis.ts";
import type { Stage } from "./stage.ts";

export interface KillerOptions {
  stage: Pick<Stage, "start">;
  redis: Pick<PrivateRedis, "kill" | "restart">;
  /** Processes to kill in all, at least; of them so many Redis. */
  kills: number;
  redisKills: number;
  /** Gives up after so long, on a machine that starts processes too slowly. */
  mostMs: number;
  random(): number;
}

export interface Kills {
  workers: number;
  intakes: number;
  redis: number;
}

const FLEET = [
  { role: "worker", count: 4 },
  { role: "intake", count: 2 },
] as const;
/** Killed at one moment; the fleet's rest goes on. */
const MOST_AT_ONCE = 5;
/** What has just started gets this long at least, and twice as long at most, to do something. */
const PEACE_MS = 250;

interface Slot {
  role: "worker" | "intake";
  app: DeskferryProcess;
}

/**
 * Keeps workers and intakes running and kills some of them at once with SIGKILL, in waves, Redis among them now and then,
 * until it has made its number. What comes next follows from `random` alone, and a wave begins when all that the one
 * before has killed is running again: a process that is killed more often than it starts does nothing.
 */
export async function startKiller(options: KillerOptions) {
  const { stage, redis, random } = options;
  const roles = FLEET.flatMap(({ role, count }) => new Array<Slot["role"]>(count).fill(role));
  const fleet: Slot[] = await Promise.all(
    roles.map(async (role) => ({ role, app: await stage.start(role) })),
  );
  const kills: Kills = { workers: 0, intakes: 0, redis: 0 };
  const total = () => kills.workers + kills.intakes + kills.redis;
  const redisEvery = options.redisKills > 0 ? options.kills / options.redisKills : Number.POSITIVE_INFINITY;
  const until = Date.now() + options.mostMs;
  let isOver = false;

  async function killAgain(slot: Slot): Promise<void> {
    await slot.app.kill();
    kills[slot.role === "worker" ? "workers" : "intakes"]++;
    slot.app = await startAgain(slot.role);
  }

  /** With Redis away a start fails, with plain words; then it is tried again, as systemd and Docker do. */
  async function startAgain(role: Slot["role"]): Promise<DeskferryProcess> {
    for (let tries = 1; ; tries++) {
      try {
        return await stage.start(role);
      } catch (error) {
        if (tries === 20) throw error;
        await sleep(250);
      }
    }
  }

  async function killRedis(): Promise<void> {
    await redis.kill();
    kills.redis++;
    await sleep(200 * random());
    await redis.restart();
  }

  async function wave(): Promise<void> {
    const isRedisDue = kills.redis < options.redisKills && total() >= redisEvery * (kills.redis + 0.5);
    const chosen = drawFrom(fleet, 1 + Math.floor(random() * MOST_AT_ONCE), random);
    await Promise.all([...(isRedisDue ? [killRedis()] : []), ...chosen.map(killAgain)]);
  }

  async function loop(): Promise<void> {
    while (!isDone()) {
      await sleep(PEACE_MS * (1 + random()));
      await wave();
    }
  }

  const isDone = () => isOver || total() >= options.kills || Date.now() >= until;
  const running = loop();
  // Whoever awaits the end hears of it.
  running.catch(() => {
    isOver = true;
  });
  return {
    kills,
    total,
    isDone,
    /** Resolves when the number is made. */
    done: () => running,
    /** Resolves when so many are killed, with false when the number was made before. */
    async untilKilled(count: number): Promise<boolean> {
      while (total() < count && !isDone()) await sleep(50);
      return !isDone();
    },
    /** No more kills; what runs goes on. */
    async stop(): Promise<void> {
      isOver = true;
      await running;
    },
  };
}

function drawFrom<T>(all: readonly T[], count: number, random: () => number): T[] {
  const rest = [...all];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) {
    drawn.push(...rest.splice(Math.floor(random() * rest.length), 1));
  }
  return drawn;
}
