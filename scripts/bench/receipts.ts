import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { lanes } from "../../src/domain/lane.ts";
import type { SendEntry } from "../../src/sandbox/graph/entries.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { createStore, type Store } from "../../src/store/store.ts";
import { startPrivateRedis } from "../private-redis.ts";
import { type Stack, startStack } from "../stack.ts";
import type { BenchOptions } from "./options.ts";

export interface ReceiptsResult {
  /** Of what staff had sent: sent, delivered and read of each message. */
  receipts: number;
  /** What the helpdesk was asked because of them, by receipt. */
  callsAReceipt: number;
  /** The same for receipts that tell of a failure. */
  callsAFailure: number;
}

const NAME = "bench";
const PEOPLE = 200;
/** One answer in so many fails. */
const FAILING = 10;
const LONGEST_MS = 60_000;

/** People write, staff answer, WhatsApp tells what became of the answers: what is the helpdesk asked because of that? */
export async function benchReceipts({ say }: BenchOptions): Promise<ReceiptsResult> {
  const redis = await startPrivateRedis({ appendfsync: "always" });
  const stack = await startStack({ redisUrl: redis.url, name: NAME, queue: { messagesPerSecond: 1000 } });
  const watch = await connectRedis(redis.url, "worker");
  const store = createStore(watch);
  const calls = countCalls();
  try {
    await stack.start("all");
    const sends = await answersSent(stack);
    const failing = sends.filter((_, index) => index % FAILING === 0);
    const arriving = sends.filter((_, index) => index % FAILING !== 0);
    await untilEmpty(store);

    const before = calls.count();
    for (const state of ["sent", "delivered", "read"]) await report(stack, arriving, state);
    await untilReceived(store, arriving, "read");
    const ofArrived = calls.count() - before;
    await report(stack, failing, "failed");
    await untilReceived(store, failing, "failed");
    const ofFailed = calls.count() - before - ofArrived;

    const receipts = arriving.length * 3;
    say(`${receipts} receipts: ${ofArrived} calls; ${failing.length} failures: ${ofFailed} calls`);
    return { receipts, callsAReceipt: ofArrived / receipts, callsAFailure: ofFailed / failing.length };
  } finally {
    calls.stop();
    watch.disconnect();
    await stack.stop();
    await redis.stop();
  }
}

/** Requests to the sandbox helpdesk, which runs in this process. Asking for changes goes on at its pace, receipts or not. */
function countCalls() {
  let calls = 0;
  const listen = (message: unknown) => {
    const { url = "" } = (message as { request: IncomingMessage }).request;
    if (url.startsWith("/api/") && !url.startsWith("/api/changes")) calls += 1;
  };
  subscribe("http.server.request.start", listen);
  return { count: () => calls, stop: () => unsubscribe("http.server.request.start", listen) };
}

/** What staff wrote to people who had written, once WhatsApp has taken all of it. Receipts are left to us. */
async function answersSent(stack: Stack): Promise<SendEntry[]> {
  await stack.graph("PUT", "/statuses", { delaysMs: {} });
  const messages = Array.from({ length: PEOPLE }, (_, index) => ({
    person: { phone: `+4477009${String(index).padStart(5, "0")}` },
    text: "A street light is broken",
  }));
  await stack.graph("POST", "/messages", { delivery: "album", wait: true, messages });
  const tickets = async () =>
    (await stack.deskLedger()).tickets.filter(({ comments }) => comments.length > 0);
  await until(async () => (await tickets()).length === PEOPLE, "a ticket for each person");
  for (const { id } of await tickets()) {
    await stack.desk("POST", `/tickets/${id}/comments`, { body: "We are on our way" });
  }
  const sends = async () => (await stack.graphLedger()).sends;
  await until(async () => (await sends()).length === PEOPLE, "an answer for each person");
  return sends();
}

/** One webhook with what became of each message. */
async function report(stack: Stack, sends: readonly SendEntry[], status: string): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const failed = status === "failed" ? { errors: [{ code: 131026, title: "Message undeliverable" }] } : {};
  const statuses = sends.map(({ wamid, person, callbackData }) => ({
    ...{ id: wamid, status, timestamp, recipient_id: person.slice(1) },
    ...{ biz_opaque_callback_data: callbackData, ...failed },
  }));
  await stack.graph("POST", "/changes", { field: "messages", value: { statuses } });
}

/** Resolves once all of them are on record, and what they brought about is done. */
async function untilReceived(store: Store, sends: readonly SendEntry[], state: string): Promise<void> {
  const isRecorded = async ({ callbackData = "" }: SendEntry) =>
    (await store.outbounds.get(NAME, callbackData))?.receipt === state;
  await until(async () => (await Promise.all(sends.map(isRecorded))).every(Boolean), `receipts: ${state}`);
  await untilEmpty(store);
}

async function untilEmpty({ mailboxes }: Store): Promise<void> {
  const waiting = () => Promise.all(lanes.map((lane) => mailboxes.waiting(NAME, lane)));
  await until(async () => (await waiting()).every((count) => count === 0), "empty mailboxes");
}

async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  const ends = performance.now() + LONGEST_MS;
  while (!(await isTrue())) {
    if (performance.now() > ends) throw new Error(`there never were ${what}`);
    await sleep(50);
  }
}
