import { connectRedis } from "../../src/store/connection.ts";
import { keys } from "../../src/store/keys.ts";
import { sendLoad } from "../bench/load.ts";
import { createWebhooks } from "../bench/webhooks.ts";

const RATE = 200;

/** Webhooks that were answered 200, by the id of their message, and when: milliseconds of `performance.now()`. */
export interface Taken {
  at: Map<string, number>;
  refused: number;
}

/** Signed webhooks at 200 a second, answered or not; ends after `seconds`. */
export async function takeIn(appUrl: string, channel: string, seconds: number): Promise<Taken> {
  const requests = createWebhooks(`/webhooks/channels/${channel}`)(RATE * seconds);
  const taken: Taken = { at: new Map(), refused: 0 };
  await sendLoad({
    port: Number(new URL(appUrl).port),
    requests,
    connections: 20,
    perSecond: RATE,
    seconds: seconds + 5,
    told(index, status) {
      if (status === 200) taken.at.set(idOf(requests[index]), performance.now());
      else taken.refused++;
    },
  });
  return taken;
}

function idOf(request: Buffer | undefined): string {
  const text = String(request);
  const body = JSON.parse(text.slice(text.indexOf("\r\n\r\n"))) as {
    entry: [{ changes: [{ value: { messages: [{ id: string }] } }] }];
  };
  return body.entry[0].changes[0].value.messages[0].id;
}

/** Ids of the messages that wait in the mailboxes of this Redis. */
export async function waitingAt(url: string, channel: string): Promise<Set<string>> {
  const redis = await connectRedis(url, "worker");
  try {
    const people = await redis.smembers(keys.pending(channel, "in"));
    const lists = await Promise.all(
      people.map((person) => redis.lrange(keys.mailbox(channel, "in", person), 0, -1)),
    );
    return new Set(lists.flat().map((raw) => (JSON.parse(raw) as { event: { id: string } }).event.id));
  } finally {
    redis.disconnect();
  }
}
