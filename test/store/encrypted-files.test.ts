import { expect, onTestFinished, test } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { noCipher } from "../../src/store/cipher.ts";
import { appendOnlyText } from "../app/erase-setup.ts";
import { openQueue } from "../queue/running-queue.ts";
import { commentAdded, delivery, messageReceived } from "../support/builders.ts";
import { createCanaries, findCanaries } from "../support/canaries.ts";
import { cipherWith } from "../support/ciphers.ts";

test.each([
  ["in clear", noCipher],
  ["encrypted", cipherWith(1)],
])(
  "S41, S43: looking for canaries in Redis' append-only file finds them all when they stand there %s, and else none",
  async (how, cipher) => {
    const server = await startPrivateRedis({ appendfsync: "always", say: () => undefined });
    onTestFinished(() => server.stop());
    const { intake, store, redis } = await openQueue({ url: server.url, channels: ["city"], cipher });
    const canaries = createCanaries();
    const person = { userId: canaries.userId(), phone: canaries.phone(), name: canaries.name() };
    const payload = { reason: "odd", payload: canaries.text() };
    const reply = commentAdded({
      body: canaries.text(),
      author: { id: "1", name: canaries.name(), isUs: false },
    });
    await intake.accept([
      delivery("city", messageReceived({ person, message: { text: canaries.text() } })),
      delivery("city", reply, { id: "ada" }),
      { keep: { channel: "city", list: "quarantine", id: "q", content: payload } },
      { keep: { channel: "city", list: "account", id: "a", content: { detail: canaries.text() } } },
    ]);
    const key = { channel: "city", person: "ada" };
    await store.links.saveContact(key, { id: "7", externalId: `whatsapp:${canaries.phone()}`, content: "0" });
    const kept = commentAdded({ body: canaries.text() });
    await store.outbounds.begin("city", "i-0", { person: "ada", now: 0, reply: kept });
    const messageId = `wamid.${Buffer.from(canaries.phone()).toString("base64")}`;
    await store.outbounds.sent("city", "i-0", messageId);
    const errors = [{ code: 1, title: canaries.text() }];
    await store.outbounds.record("city", { messageId, state: "failed", errors }, kept.at);
    const found = findCanaries(await appendOnlyText(redis), canaries.all);
    expect(found).toHaveLength(how === "encrypted" ? 0 : canaries.all.length);
  },
);
