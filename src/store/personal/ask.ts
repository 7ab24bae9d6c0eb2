import { byTag } from "../keys.ts";
import type { Redis } from "../redis.ts";

/** A command with its arguments, the first of which is its key. */
export type Command = [name: string, key: string, ...string[]];

/** Answers of many commands, in their order; throws when one failed. One round trip for those of one hash tag. */
export async function ask(redis: Redis, commands: readonly Command[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  const batches = byTag(commands.entries(), ([, [, key]]) => key);
  await Promise.all(
    batches.map(async (batch) => {
      const found = (await redis.pipeline(batch.map(([, command]) => command)).exec()) ?? [];
      for (const [index, [place]] of batch.entries()) {
        const [error, value] = found[index] ?? [new Error("Redis dropped a pipeline"), null];
        if (error) throw error;
        answers[place] = value;
      }
    }),
  );
  return answers;
}
