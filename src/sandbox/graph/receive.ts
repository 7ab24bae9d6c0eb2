import { ControlError, compact, groupBy, type Json } from "../read.ts";
import { type Change, contactOf, messageOf, messagesValue, storeMedia } from "./payload.ts";
import type { PersonMessage, PersonRequest } from "./person-message.ts";

import type { GraphNumber } from "./settings.ts";
import { postWebhook } from "./webhooks.ts";
import type { GraphWorld } from "./world.ts";

/** A person's message as it goes out, and the number that it goes to. */
interface Written {
  number: GraphNumber;
  wamid: string;
  change: Change;
}

/** Writes the messages and posts their webhooks. Returns the ids at once unless `wait` is asked for. */
export async function writeMessages(
  world: GraphWorld,
  request: PersonRequest,
): Promise<{ wamids: string[] }> {
  const written = request.messages.map((message) => write(world, message));
  const delivered = deliver(world, request, written);
  if (request.wait) await delivered;
  return { wamids: written.map((each) => each.wamid) };
}

export function numberOf(world: GraphWorld, phoneNumberId: string): GraphNumber {
  const number = world.numbers.find((each) => each.phoneNumberId === phoneNumberId);
  if (!number) throw new ControlError(`number: no business number has the id ${phoneNumberId}`);
  return number;
}

function write(world: GraphWorld, message: PersonMessage): Written {
  const number = numberOf(world, message.number);
  const person = world.people.meet(message.person);
  const sentAt = message.sentAt ?? world.clock.now();
  const wamid = message.wamid ?? world.ids.wamid(person.key, "in");
  const media = storeMedia(message, world.media, world.baseUrl);
  const content = messageOf({ message, person, wamid, sentAt, ...compact({ media }) });
  if (message.type !== "system") {
    const last = person.lastMessageAt.get(number.phoneNumberId) ?? 0;
    person.lastMessageAt.set(number.phoneNumberId, Math.max(last, sentAt));
  }
  world.wrote.add(wamid);
  world.journal.append({
    kind: "message",
    number: number.phoneNumberId,
    person: person.key,
    wamid,
    type: message.type,
    message: content,
  });
  // System messages carry no contacts (messages webhook reference, "system").
  const contacts = message.type === "system" ? {} : { contacts: [contactOf(person, message.hidePhone)] };
  const value = messagesValue(number, { ...contacts, messages: [content] });
  return { number, wamid, change: { wabaId: number.wabaId, field: "messages", value } };
}

async function deliver(world: GraphWorld, request: PersonRequest, written: Written[]): Promise<void> {
  const posts = request.delivery === "batch" ? batches(written) : written.map((each) => [each]);
  const repeats = Array.from({ length: Math.max(1, request.repeat) });
  const postAll = (batch: Written[]) => Promise.all(repeats.map(() => postBatch(world, batch)));
  if (request.delivery === "single") for (const batch of posts) await postAll(batch);
  else await Promise.all(posts.map(postAll));
}

/** One webhook an app: callbacks and secrets differ. */
function batches(written: Written[]): Written[][] {
  const appOf = ({ number }: Written) => `${number.callbackUrl} ${number.appSecret}`;
  return [...groupBy(written, appOf).values()];
}

function postBatch(world: GraphWorld, batch: Written[]): Promise<boolean> {
  const [first] = batch;
  if (!first) return Promise.resolve(false);
  const wamids = batch.map((each) => each.wamid);
  return postWebhook(world, first.number, { changes: merge(batch.map((each) => each.change)), wamids });
}

/** Neighbours of one number and one person share a change, as Meta groups them. */
function merge(changes: Change[]): Change[] {
  const merged: Change[] = [];
  for (const change of changes) {
    const last = merged.at(-1);
    if (last && sameSender(last, change)) {
      const messages = [...(last.value["messages"] as Json[]), ...(change.value["messages"] as Json[])];
      merged[merged.length - 1] = { ...last, value: { ...last.value, messages } };
    } else merged.push(change);
  }
  return merged;
}

function sameSender(left: Change, right: Change): boolean {
  const head = ({ value }: Change) => JSON.stringify([value["metadata"], value["contacts"]]);
  return left.wabaId === right.wabaId && head(left) === head(right);
}
