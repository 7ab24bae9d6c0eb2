/** What encryption costs: microseconds for each event and bytes in Redis for each that waits, beside the same in clear. */
import type { Redis } from "ioredis";
import type { MessageReceived } from "../src/domain/event.ts";
import { type Cipher, createCipher, noCipher } from "../src/store/cipher.ts";
import { connectRedis } from "../src/store/connection.ts";
import { newKey } from "../src/store/content-keys.ts";
import { fromEnvelope } from "../src/store/envelope.ts";
import { appendArguments, type Delivery } from "../src/store/mailbox.ts";
import { runScript } from "../src/store/scripts.ts";
import { startPrivateRedis } from "./private-redis.ts";

const EVENTS = 20_000;
const at = "2026-11-21T12:00:00.000Z";
const text =
  "The street light in front of number 12 is broken again, since Monday evening, could you please look?";

/** A text of 100 characters from one of 2,000 people, as Meta sends them. */
function delivery(n: number): Delivery {
  const who = n % 2000;
  const id = `wamid.HBgMNDQ3NzAwOTAwMDAwFQIAEhgU${String(n).padStart(16, "0")}`;
  const person = {
    userId: `GB.${String(who).padStart(16, "0")}`,
    phone: `+4477009${String(who).padStart(5, "0")}`,
  };
  const message = { id, type: "text", text, sentAt: at } as const;
  const event: MessageReceived = {
    type: "message.received",
    id,
    at,
    person: { ...person, name: "Ada" },
    message,
  };
  return { channel: "city", lane: "in", event, person: { seen: { ...person, name: "Ada" } } };
}

/** Microseconds of CPU for each event: made ready to be stored, and read again. */
function microseconds(cipher: Cipher): { written: number; read: number } {
  const raws: string[] = [];
  const begun = process.cpuUsage();
  for (let n = 0; n < EVENTS; n++) raws.push(String(appendArguments(delivery(n), cipher)[4]));
  const written = process.cpuUsage(begun);
  const place = { channel: "city", lane: "in", person: "ada" } as const;
  const again = process.cpuUsage();
  for (const raw of raws) fromEnvelope(raw, place, cipher);
  const read = process.cpuUsage(again);
  return { written: (written.user + written.system) / EVENTS, read: (read.user + read.system) / EVENTS };
}

/** Bytes of Redis for each waiting event, its person included, ten events a person. */
async function bytes(url: string, cipher: Cipher): Promise<number> {
  const redis: Redis = await connectRedis(url, "worker");
  await redis.flushall();
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
  const before = await used();
  for (let n = 0; n < EVENTS; n += 500) {
    const batch = Array.from({ length: 500 }, (_, index) => appendArguments(delivery(n + index), cipher));
    await Promise.all(batch.map((args) => runScript(redis, "append", args)));
  }
  const after = await used();
  redis.disconnect();
  return (after - before) / EVENTS;
}

const encrypted = createCipher({ keys: [newKey(Date.parse(at))], nameKey: "n".repeat(32) });
const server = await startPrivateRedis({ say: () => undefined });
const round = (value: number) => Math.round(value * 10) / 10;
// Once unmeasured, so that both find compiled code.
for (const cipher of [noCipher, encrypted]) microseconds(cipher);
for (const [name, cipher] of [
  ["plain", noCipher],
  ["encrypted", encrypted],
] as const) {
  const { written, read } = microseconds(cipher);
  const held = await bytes(server.url, cipher);
  const figures = {
    [name]: { writeMicros: round(written), readMicros: round(read), bytes: Math.round(held) },
  };
  process.stdout.write(`${JSON.stringify({ events: EVENTS, ...figures })}\n`);
}
await server.stop();
