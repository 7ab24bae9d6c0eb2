import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { lanes } from "../../src/domain/lane.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { keys } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { type DeskferryProcess, startDeskferry } from "../deskferry-process.ts";
import type { PrivateRedis } from "../private-redis.ts";
import { pointCallbacks } from "../sandbox-settings.ts";
import { type Stack, startStack } from "../stack.ts";
import type { OldVersion } from "./old-version.ts";
import { createStory, type Tally } from "./story.ts";

export interface RollingOptions {
  old: OldVersion;
  people: number;
  redis: PrivateRedis;
  /** A line of progress. */
  say(line: string): void;
}

export interface RollingResult extends Tally {
  dead: number;
  /** Events of the newer version that waited while only the older one ran: without any nothing is shown. */
  newerWaited: number;
}

const NAME = "rolling";
/** So long the older version alone looks at what it cannot read: longer than crashLimit times its pause. */
const ALONE_MS = 8000;
const DOWN = { operation: "comment.add", status: 503, times: 100_000 };

/** There, side by side, and back again: older and newer processes on one Redis while people write and staff answer. */
export async function runRolling({ old, people, redis, say }: RollingOptions): Promise<RollingResult> {
  const stack = await startStack({
    redisUrl: redis.url,
    name: NAME,
    messagesPerComment: 5,
    // Short times; a helpdesk that was down is tried again soon.
    queue: { lockSeconds: 2, stallSeconds: 1 },
  });
  const versions = await openVersions(stack, old);
  const story = createStory(stack, people);
  const watch = await connectRedis(redis.url, "worker");
  try {
    const older = await versions.start("old");
    await versions.point(older);
    await story.write();
    say("the older version runs");

    const newer = await versions.start("new");
    for (const app of [newer, older, newer]) {
      await versions.point(app);
      await story.write();
      await story.answer();
    }
    await story.settle();
    await Promise.all([story.write(2), older.stop()]);
    say(`both ran, and the newer one alone: ${JSON.stringify(await story.settle())}`);

    await stack.desk("POST", "/faults", DOWN);
    await story.write(3);
    await sleep(2000);
    const back = await versions.start("old");
    await versions.point(back);
    await Promise.all([story.write(), newer.stop()]);
    await stack.desk("DELETE", "/faults");
    await story.answer();
    await sleep(ALONE_MS);
    const newerWaited = await countNewer(watch);
    say(`the older one again; ${newerWaited} events wait for the newer one`);

    const again = await versions.start("new");
    await versions.point(again);
    await Promise.all([story.write(), back.stop()]);
    await story.answer();
    const tally = await story.settle();
    return { ...tally, dead: await createStore(watch).deadLetters.count(NAME), newerWaited };
  } finally {
    watch.disconnect();
    await versions.stop();
    await stack.stop();
  }
}

async function openVersions(stack: Stack, old: OldVersion) {
  const config = path.join(path.dirname(stack.config), "old.yaml");
  await writeFile(config, old.settings(await readFile(stack.config, "utf8")));
  const { channels, connections } = JSON.parse(await readFile(stack.config, "utf8")) as {
    channels: Record<string, { graphUrl: string }>;
    connections: Record<string, { url: string }>;
  };
  const sides = { graphUrl: channels[NAME]?.graphUrl ?? "", deskUrl: connections[NAME]?.url ?? "" };
  const running: DeskferryProcess[] = [];
  return {
    async start(version: "old" | "new"): Promise<DeskferryProcess> {
      const isOld = version === "old";
      const args = ["run", "--config", isOld ? config : stack.config, "--role", "all"];
      const app = await startDeskferry(args, isOld ? { folder: old.folder } : {});
      running.push(app);
      return app;
    },
    /** Webhooks go to this one from now on; those on their way to another were answered. */
    async point(app: DeskferryProcess): Promise<void> {
      while ((await stack.deskLedger()).pendingWebhooks > 0) await sleep(50);
      await pointCallbacks(sides, app.url, NAME);
    },
    stop: () => Promise.all(running.map((app) => app.kill())),
  };
}

/** Mailboxes whose head only the newer version reads. */
async function countNewer(redis: Redis): Promise<number> {
  const { mailboxes } = createStore(redis);
  let count = 0;
  for (const lane of lanes) {
    for await (const people of mailboxes.pending(NAME, lane)) {
      for (const person of people) {
        const head = await redis.lindex(keys.mailbox(NAME, lane, person), 0);
        if (head && !/^\{"v":1\D/.test(head)) count++;
      }
    }
  }
  return count;
}
