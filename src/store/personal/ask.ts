import type { Redis } from "ioredis";

/** A command with its arguments. */
export type Command = [string, ...string[]];

/** Answers of many commands in one round trip; throws when one failed. */
export async function ask(redis: Redis, commands: Command[]): Promise<unknown[]> {
  if (commands.length === 0) return [];
  const answers = (await redis.pipeline(commands).exec()) ?? [];
  return answers.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}
