import type { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { writeIdleConversations } from "../../scripts/bench/growth/idle-conversations.ts";
import { bodyOf } from "../../scripts/bench/webhooks.ts";
import { sandbox } from "../../scripts/sandbox-settings.ts";
import { startStack } from "../../scripts/stack.ts";
import { lanes } from "../../src/domain/lane.ts";
import { signBody } from "../../src/sandbox/graph/meta-json.ts";
import { channelTag, connectionTag } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { keysLike, openRedis, redisUrl, removeKeys, uniqueChannel } from "../support/redis.ts";
import { until } from "../support/until.ts";

const PEOPLE = 3;

/** Of a channel or connection as a whole, whoever writes. */
const OF_ALL = /:(in|out|receipt|templates|audit|trace|cursor|calls)(:|$)/;

/** What stays for people: keys without an end and what they hold, but for the helpdesk's ids and the channel's name. */
async function lasting(redis: Redis, channel: string): Promise<unknown[]> {
  const tags = [channelTag(channel), connectionTag(channel)];
  const names = (await Promise.all(tags.map((tag) => keysLike(redis, `${tag}:*`)))).flat();
  const found: string[] = [];
  for (const name of names) {
    if (OF_ALL.test(name) || (await redis.pttl(name)) !== -1) continue;
    const said = JSON.stringify([name, await contentOf(redis, name)]);
    found.push(said.replaceAll(channel, "CHANNEL").replaceAll(/"id":"\d+"|:ticket:\d+(?=")/g, "ID"));
  }
  return found.sort();
}

async function contentOf(redis: Redis, name: string): Promise<unknown> {
  const type = await redis.type(name);
  if (type === "hash") return redis.hgetall(name);
  if (type === "string") return redis.get(name);
  return type;
}

test("the idle conversations of the growth curves are what the whole path leaves of silent people", async () => {
  const redis = await openRedis();
  const [played, written] = [uniqueChannel(redis), uniqueChannel(redis)];
  for (const name of [played, written]) onTestFinished(() => removeKeys(redis, `${connectionTag(name)}:*`));
  const begun = Date.now();
  const stack = await startStack({ redisUrl: redisUrl(), name: played, queue: { reorderMillis: 0 } });
  onTestFinished(() => stack.stop());
  const app = await stack.start("all");
  for (let index = 0; index < PEOPLE; index++) {
    const body = bodyOf(index, { begun, people: PEOPLE });
    const headers = { "X-Hub-Signature-256": signBody(sandbox.appSecret, body) };
    const url = `${app.url}/webhooks/channels/${played}`;
    expect((await fetch(url, { method: "POST", body: new Uint8Array(body), headers })).status).toBe(200);
  }
  const { mailboxes } = createStore(redis);
  await until("empty mailboxes", async () => {
    const { tickets } = await stack.deskLedger();
    const waiting = await Promise.all(lanes.map((lane) => mailboxes.waiting(played, lane)));
    return tickets.length === PEOPLE && waiting.every((count) => count === 0);
  });
  await stack.stop();
  await writeIdleConversations(redis, { channel: written, from: 0, to: PEOPLE, begun });
  const left = await lasting(redis, played);
  expect(left.length).toBeGreaterThanOrEqual(4 * PEOPLE);
  expect(await lasting(redis, written)).toEqual(left);
}, 60_000);
