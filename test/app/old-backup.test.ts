import type { Redis } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { commentAdded } from "../support/builders.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { type AppSetup, setUpApp } from "./app-setup.ts";

type Backup = [key: Buffer, value: Buffer, ttl: number][];

/** All there is at one moment, as a copy of Redis' folder holds it. */
async function backUp(redis: Redis): Promise<Backup> {
  const script = `local all = {}
    for _, key in ipairs(redis.call('KEYS', '*')) do
      table.insert(all, {key, redis.call('DUMP', key), math.max(0, redis.call('PTTL', key))})
    end
    return all`;
  return (await redis.callBuffer("EVAL", script, "0")) as Backup;
}

async function restore(redis: Redis, backup: Backup): Promise<void> {
  await redis.flushall();
  for (const [key, value, ttl] of backup) await redis.restore(key, ttl, value);
}

async function reply({ desk, report }: AppSetup, app: Parameters<AppSetup["report"]>[0], body: string) {
  const ticket = await until("the ticket", () => desk.tickets[0]);
  const { id, externalId } = ticket;
  await report(app, [commentAdded({ id: `reply-${body}`, ticket: { id, externalId }, body })]);
}

it("R28: a backup of an hour ago while the helpdesk is ahead: no ticket, contact or comment twice, and links are found again", {
  timeout: 90_000,
}, async () => {
  const server = await startPrivateRedis();
  onTestFinished(() => server.stop());
  const redis = await openRedis("worker", server.url);
  const setup = await setUpApp({ redis: server.url });
  const { desk, whatsapp } = setup;
  const first = await setup.start();
  await setup.write(first, "before the backup", 1);
  await until("its comment", () => desk.comments.length === 1);
  desk.script.always("addComment", fails("unavailable"));
  await setup.write(first, "waiting at the backup", 1);
  await until("it to be tried", () => desk.script.count("addComment") >= 2);
  const backup = await backUp(redis);

  desk.script.always("addComment", "ok");
  await setup.write(first, "after the backup", 1);
  await setup.write(first, "somebody new, after the backup", 2);
  await until("their comments", () => desk.comments.length === 4);
  await reply(setup, first, "sent after the backup");
  await until("the reply", () => whatsapp.sent.length === 1);
  await first.stop();
  const held = [desk.contacts.length, desk.tickets.length];

  await restore(redis, backup);
  const second = await setup.start();
  // As WhatsApp repeats what it got no answer for in time.
  await setup.write(second, "after the backup", 1);
  await setup.write(second, "somebody new, after the backup", 2);
  await setup.write(second, "after the restore", 1);
  await setup.write(second, "somebody new, after the restore", 2);
  await until("the new comments", () => desk.comments.length >= 6, { withinMs: 40_000 });
  await until(
    "all mailboxes to be empty",
    async () => (await setup.store.mailboxes.waiting(setup.channel, "in")) === 0,
  );

  expect([desk.contacts.length, desk.tickets.length]).toEqual(held);
  const bodies = desk.comments.map(({ body }) => body);
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(bodies).toHaveLength(6);
  const ticketOf = (text: string) => desk.comments.find(({ body }) => body.includes(text))?.ticketId;
  expect(ticketOf("somebody new, after the restore")).toBe(ticketOf("somebody new, after the backup"));
  expect(ticketOf("after the restore")).toBeDefined();
  expect(whatsapp.sent).toHaveLength(1);
  await second.stop();
});
