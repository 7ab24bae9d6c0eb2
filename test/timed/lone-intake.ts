import { afterAll, beforeAll } from "vitest";
import type { DeskferryProcess, ProcessOptions } from "../../scripts/deskferry-process.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { startStack } from "../../scripts/stack.ts";
import { createSender } from "./signed-webhooks.ts";

/** An intake by itself on a Redis of its own, and somebody honest who writes to it. */
export interface LoneIntake {
  port: number;
  /** Where webhooks go. */
  address: string;
  process: DeskferryProcess;
  sender: ReturnType<typeof createSender>;
}

/** One for all tests of a file, as long as they run; to be asked for inside a test. */
export function useLoneIntake(name: string, options: ProcessOptions = {}): () => LoneIntake {
  const stops: (() => Promise<unknown>)[] = [];
  let intake: LoneIntake | undefined;

  beforeAll(async () => {
    const redis = await startPrivateRedis();
    stops.push(() => redis.stop());
    const stack = await startStack({ redisUrl: redis.url, name });
    stops.push(() => stack.stop());
    const process = await stack.start("intake", options);
    const port = Number(new URL(process.url).port);
    const address = addressOf(name);
    const sender = createSender(port, address);
    stops.push(async () => sender.stop());
    intake = { port, address, process, sender };
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  return () => {
    if (!intake) throw new Error("the intake is not there before the tests begin");
    return intake;
  };
}

export function addressOf(name: string): string {
  return `/webhooks/channels/${name}`;
}
