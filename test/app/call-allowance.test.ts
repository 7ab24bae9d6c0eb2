import type { IncomingMessage, ServerResponse } from "node:http";
import type { Job } from "bullmq";
import { expect, it } from "vitest";
import { callingFor } from "../../src/app/calls/scope.ts";
import { personIdOf } from "../../src/domain/person.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import { type DrainTools, drain } from "../../src/queue/drain.ts";
import type { WakeData } from "../../src/queue/wake-queues.ts";
import { appendArguments, type Place } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { setUpInbound } from "../inbound/inbound-setup.ts";
import { messageReceived, person } from "../support/builders.ts";
import type { TestClock } from "../support/clock.ts";
import { openRedis } from "../support/redis.ts";
import { setUpGuarded } from "./guarded-setup.ts";

const MINUTE_MS = 60_000;
const ALLOWED = 100;
const PEOPLE = 100;
const MESSAGES_EACH = 10;
/** As many as one worker handles at once by default. */
const SLOTS = 20;

/** Allows so many calls in each minute of its own, and tells what is left, or 429. */
function vendor() {
  const taken: { minute: number; path: string; id: string }[] = [];
  let refused = 0;
  let first: number | undefined;
  return {
    taken,
    refused: () => refused,
    answer(request: IncomingMessage, response: ServerResponse, clock: TestClock): void {
      first ??= clock.now();
      const minute = Math.floor((clock.now() - first) / MINUTE_MS);
      const reset = Math.ceil((first + (minute + 1) * MINUTE_MS - clock.now()) / 1000);
      const left = ALLOWED - taken.filter((call) => call.minute === minute).length;
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        if (left <= 0) {
          refused += 1;
          response.writeHead(429, { "retry-after": `${reset}` }).end("{}");
          return;
        }
        taken.push({ minute, path: request.url ?? "", id: (JSON.parse(body) as { id: string }).id });
        const told = { "x-limit": `${ALLOWED}`, "x-left": `${left - 1}`, "x-reset": `${reset}` };
        response.writeHead(200, told).end("{}");
      });
    },
  };
}

/** Time for those who wait: nothing goes on until everybody stands still, then the clock jumps to the next who is due. */
function createTime(clock: () => TestClock) {
  const parked: { at: number; go(): void }[] = [];
  let busy = 0;
  return {
    start(work: Promise<void>): void {
      busy += 1;
      void work.finally(() => {
        busy -= 1;
      });
    },
    wait(ms: number): Promise<void> {
      return new Promise((resolve) => {
        busy -= 1;
        parked.push({
          at: clock().now() + ms,
          go: () => {
            busy += 1;
            resolve();
          },
        });
      });
    },
    async settled(): Promise<void> {
      while (busy > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    jump(others: number[]): void {
      const next = Math.min(...others, ...parked.map(({ at }) => at));
      clock().advance(Math.max(0, next - clock().now()));
      for (const one of parked.filter(({ at }) => at <= clock().now())) {
        parked.splice(parked.indexOf(one), 1);
        one.go();
      }
    },
  };
}

interface Conversation {
  place: Place;
  dueAt: number;
  state: "waits" | "runs" | "done";
}

it("acceptance: 1,000 messages through 100 calls a minute: 95 % used, under 1 % refused, order kept", async () => {
  const desk = vendor();
  const time = createTime(() => guarded.clock);
  const guarded = await setUpGuarded({
    answer: desk.answer,
    rateLimitHeaders: { limit: "x-limit", remaining: "x-left", reset: "x-reset" },
    wait: time.wait,
  });
  const { clock, connector } = guarded;
  const inbound = await setUpInbound();
  const tools = { ...inbound.tools, connector, clock };
  const redis = await openRedis();
  const { channel } = inbound.key;
  const sent = new Map<string, string[]>();
  const conversations: Conversation[] = [];
  for (let n = 0; n < PEOPLE; n++) {
    const who = person(n);
    const place = { channel, lane: "in" as const, person: personIdOf(`user:${who.userId}`) };
    conversations.push({ place, dueAt: clock.now(), state: "waits" });
    const ids = Array.from({ length: MESSAGES_EACH }, () => messageReceived({ person: who }));
    for (const event of ids) {
      await runScript(
        redis,
        "append",
        appendArguments({ channel, lane: "in", event, person: { seen: who } }),
      );
    }
    sent.set(
      place.person,
      ids.map(({ id }) => eventKey(id)),
    );
  }

  const buried: string[] = [];
  let [tries, putOff] = [0, 0];
  const drainTools = (conversation: Conversation): DrainTools => ({
    mailboxes: inbound.store.mailboxes,
    handle: (event, key, before) => {
      if (event.type !== "message.received") throw new Error("only messages were sent");
      tries += before;
      return callingFor(eventKey(event.id), () => handleMessages([event], key, before, tools));
    },
    policy: { crashLimit: 5, giveUpAfterMs: 1, random: () => 0 },
    log: {
      done: () => undefined,
      newer: () => undefined,
      broken: () => undefined,
      separated: () => undefined,
      buried: (_place, _head, { reason }) => void buried.push(reason),
      waiting: (_place, _head, { delayMs }) => {
        putOff += 1;
        conversation.dueAt = clock.now() + delayMs;
      },
    },
    now: clock.now,
    wakeAgain: async () => undefined,
  });
  async function run(conversation: Conversation): Promise<void> {
    conversation.state = "runs";
    const job = { moveToDelayed: async () => undefined } as unknown as Job<WakeData>;
    conversation.state = await drain(job, "token", conversation.place, drainTools(conversation)).then(
      () => "done" as const,
      () => "waits" as const,
    );
  }

  while (conversations.some(({ state }) => state !== "done")) {
    const free = SLOTS - conversations.filter(({ state }) => state === "runs").length;
    const waiting = conversations.filter(({ state }) => state === "waits");
    const due = waiting.filter(({ dueAt }) => dueAt <= clock.now()).slice(0, free);
    for (const conversation of due) time.start(run(conversation));
    await time.settled();
    const next = conversations.filter(({ state }) => state === "waits").map(({ dueAt }) => dueAt);
    time.jump(next);
  }

  const perMinute = Array.from({ length: (desk.taken.at(-1)?.minute ?? 0) + 1 }, (_, minute) =>
    desk.taken.filter((call) => call.minute === minute),
  ).map((calls) => calls.length);
  const full = perMinute.slice(0, -1);
  const used = full.reduce((sum, calls) => sum + calls, 0) / (full.length * ALLOWED);
  const refused = desk.refused() / (desk.taken.length + desk.refused());
  const comments = desk.taken.filter(({ path }) => path === "/comments").map(({ id }) => id);
  const others = desk.taken.length - comments.length;
  console.log(
    `calls a minute: ${perMinute.join(" ")}; used ${(used * 100).toFixed(1)} %, refused ${(refused * 100).toFixed(2)} %; ` +
      `${comments.length} comments for as many messages, ${others} calls for ${PEOPLE} people's contacts and tickets; put off ${putOff} times`,
  );
  expect(buried).toEqual([]);
  expect(tries).toBe(0);
  expect(comments).toHaveLength(PEOPLE * MESSAGES_EACH);
  // Each is told its turn, and few are told another one.
  expect(putOff).toBeLessThan(PEOPLE * MESSAGES_EACH * 3);
  expect(used).toBeGreaterThanOrEqual(0.95);
  expect(refused).toBeLessThan(0.01);
  for (const ids of sent.values()) expect(comments.filter((id) => ids.includes(id))).toEqual(ids);
  // A contact and the two calls of this connector's ticket, once a person; a message in an open ticket is one call.
  expect(others).toBe(PEOPLE * 3);
}, 300_000);
