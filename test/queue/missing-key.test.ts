import { expect, test } from "vitest";
import { createDrainLog } from "../../src/queue/drain-log.ts";
import { keys } from "../../src/store/keys.ts";
import { createStore } from "../../src/store/store.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { cipherWith, keyLine } from "../support/ciphers.ts";
import { until } from "../support/until.ts";
import { createLedger, openQueue, work } from "./running-queue.ts";

test("S43: an event whose key is missing stays where it is, is told by the key's id, and is handled once the key is there", async () => {
  const written = await openQueue({ cipher: cipherWith(2) });
  const { channel } = written;
  const items = ["m1", "m2"].map((id) => delivery(channel, messageReceived({ id }), { id: "ada" }));
  await written.intake.accept(items);
  const mailbox = keys.mailbox(channel, "in", "ada");
  const before = await written.redis.lrange(mailbox, 0, -1);

  const cipher = cipherWith(1);
  const queue = await openQueue({ cipher, channels: [channel] });
  await queue.intake.accept([delivery(channel, messageReceived({ id: "m3" }), { id: "bob" })]);
  const ledger = createLedger();
  const working = work(queue, ledger.handle, { policy: { crashLimit: 1 } });
  await until("both to be looked at", () => working.broken.length > 0 && ledger.handled.length > 0);
  expect(ledger.handled).toEqual([{ id: "m3", person: "bob" }]);
  expect(await queue.redis.lrange(mailbox, 0, -1)).toEqual(before);
  expect(await queue.redis.hget(keys.head(channel, "in", "ada"), "unended")).toBe("0");
  expect(await queue.store.deadLetters.count(channel)).toBe(0);
  expect(cipher.missing()).toEqual(["k2"]);

  cipher.renew({ keys: [keyLine(1), keyLine(2)], nameKey: "x".repeat(32) });
  await queue.queues.hurry(channel, "in");
  await until("them to be handled", () => working.ended().length === 3);
  expect(ledger.of("ada")).toEqual(["m1", "m2"]);
  expect(cipher.missing()).toEqual([]);
});

test("S43: what a handler cannot decrypt is waited for however long it takes, and never becomes a dead letter", async () => {
  const queue = await openQueue({ cipher: cipherWith(1) });
  const { channel } = queue;
  const foreign = createStore(queue.redis, cipherWith(2));
  const contact = { id: "7", externalId: "whatsapp:+447700900001", content: "0" };
  await foreign.links.saveContact({ channel, person: "ada" }, contact);
  await queue.intake.accept([delivery(channel, messageReceived({ id: "m1" }), { id: "ada" })]);
  const handle = async () => void (await queue.store.links.contact({ channel, person: "ada" }));
  const { outcomes } = work(queue, handle, { policy: { giveUpAfterMs: -1 } });
  await until("it to wait", () => outcomes.length > 0);
  expect(outcomes).toMatchObject([
    {
      what: "waiting",
      why: { kind: "config", delayMs: 15_000, reason: expect.stringContaining('"k2" is missing') },
    },
  ]);
});

test("S43: the metric counts it, and the log names the key", async () => {
  const metrics = createMetrics();
  const lines: string[] = [];
  const none = () => undefined;
  const error = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { debug: none, info: none, warn: none, error };
  const log = createDrainLog({ logger, metrics, trace: () => undefined, now: Date.now });
  const place = { channel: "city", lane: "in" as const, person: "ada" };
  const stored = cipherWith(2).encrypt("Ada", ["person", "city", "name"]);
  const decrypt = async () => cipherWith(1).decrypt(stored, ["person", "city", "name"]);
  await decrypt().catch((thrown: Error) => log.broken(place, thrown));
  const { values } = await metrics.undecryptable.get();
  expect(values).toMatchObject([{ value: 1, labels: { channel: "city", lane: "in" } }]);
  expect(lines.join()).toContain('\\"k2\\" is missing');
});
