import { setTimeout as sleep } from "node:timers/promises";
import type { DeskferryProcess } from "../deskferry-process.ts";
import type { PrivateRedis } from "../private-redis.ts";
import type { Stack } from "../stack.ts";

export interface KillerOptions {
  stack: Stack;
  workers: number;
  /** Average milliseconds between two kills. */
  everyMs: number;
  random(): number;
  /** Kills Redis instead of a worker in one of this many turns; 0: never. */
  redisTurn: number;
  redis: PrivateRedis;
  onKill(): void;
}

/** Keeps some workers running and kills them in turn, with SIGKILL, until told to stop. */
export async function startKiller(options: KillerOptions) {
  const workers: DeskferryProcess[] = [];
  for (let index = 0; index < options.workers; index++) workers.push(await startWorker(options.stack));
  const kills = { workers: 0, redis: 0 };
  let isOver = false;

  async function killRedis(): Promise<void> {
    await options.redis.kill();
    await options.redis.restart();
    kills.redis++;
  }

  async function killWorker(): Promise<void> {
    const index = kills.workers % workers.length;
    await workers[index]?.kill();
    kills.workers++;
    workers[index] = await startWorker(options.stack);
  }

  async function loop(): Promise<void> {
    for (let turn = 1; !isOver; turn++) {
      await sleep(options.everyMs * (0.5 + options.random()));
      if (isOver) return;
      if (options.redisTurn > 0 && turn % options.redisTurn === 0) await killRedis();
      else await killWorker();
      options.onKill();
    }
  }

  const running = loop();
  return {
    kills,
    /** No more kills; the workers go on. */
    async stop(): Promise<void> {
      isOver = true;
      await running;
    },
  };
}

function startWorker(stack: Stack): Promise<DeskferryProcess> {
  return stack.start("worker", { built: true });
}
