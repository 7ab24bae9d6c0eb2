import { describe, expect, it, onTestFinished } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import type { App } from "../../src/app/start.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { keys } from "../../src/store/keys.ts";
import { commentAdded } from "../support/builders.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { type AppSetup, setUpApp } from "./app-setup.ts";

/** As long as a fault may take until an alert can see it. */
const SEEN = { withinMs: 30_000, everyMs: 100 };

/** The value of the series that has all these labels; undefined while there is none. */
async function figure(app: App, name: string, ...labels: string[]): Promise<number | undefined> {
  const answer = await fetch(`http://127.0.0.1:${app.port}/metrics`, { signal: AbortSignal.timeout(5000) });
  expect(answer.status).toBe(200);
  const line = (await answer.text())
    .split("\n")
    .find((one) => one.startsWith(name) && labels.every((label) => one.includes(label)));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

const seen = (app: App, name: string, ...labels: string[]) =>
  until(name, async () => ((await figure(app, name, ...labels)) ?? 0) > 0, SEEN);

/** A public reply of staff on the ticket of the first message. */
async function reply(setup: AppSetup, app: App): Promise<void> {
  await setup.write(app, "The street light is broken");
  const ticket = await until("the ticket", () => setup.desk.tickets[0]);
  await until("the comment", () => setup.desk.comments.length > 0);
  const { id, externalId } = ticket;
  await setup.report(app, [commentAdded({ ticket: { id, externalId }, body: "We are on our way" })]);
}

// A refused account: test/app/connection-calls.test.ts (R36); a refused mapping or secret: test/flows/.
describe("O12: within 30 s a fault shows in the figure that its alert looks at", () => {
  it("Redis is gone, and frozen: the figures are still served", async () => {
    const redis = await startPrivateRedis({ appendfsync: "always" });
    onTestFinished(() => redis.stop());
    const setup = await setUpApp({ redis: redis.url });
    const app = await setup.start();
    expect(await figure(app, "deskferry_redis_answers")).toBe(1);
    await setup.write(app, "before");
    await until("the comment", () => setup.desk.comments.length === 1);

    const other = await openRedis("worker", redis.url);
    await other.call("CLIENT", "PAUSE", "3000", "ALL");
    expect(await figure(app, "deskferry_redis_answers")).toBe(0);
    await until("Redis to thaw", () => other.ping());
    await seen(app, "deskferry_redis_answers");

    other.disconnect();
    await redis.kill();
    expect(await figure(app, "deskferry_redis_answers")).toBe(0);
    await setup.write(app, "refused");
    await seen(app, "deskferry_webhooks_total", 'answer="unavailable"');
    await redis.restart();
    await seen(app, "deskferry_redis_answers");
  });

  it("the helpdesk does not answer, and events wait", async () => {
    const setup = await setUpApp();
    setup.desk.script.always("upsertContact", fails("unavailable"));
    const app = await setup.start();
    for (let n = 1; n <= 12; n++) await setup.write(app, `message ${n}`, n);
    await seen(app, "deskferry_connection_not_answering");
    await seen(app, "deskferry_conversations_waiting", 'lane="in"');
    await seen(app, "deskferry_connection_put_off_total", 'why="outage"');
  });

  it("the helpdesk refuses a record", async () => {
    const setup = await setUpApp();
    setup.desk.script.next("addComment", fails("rejected"));
    const app = await setup.start();
    await setup.write(app, "message");
    await seen(app, "deskferry_dead_letters");
  });

  it("WhatsApp refuses the channel", async () => {
    const setup = await setUpApp();
    const app = await setup.start();
    setup.whatsapp.script.always("send", fails("auth"));
    await reply(setup, app);
    await seen(app, "deskferry_channel_stopped");
  });

  it("WhatsApp refuses with a code that nobody knows", async () => {
    const setup = await setUpApp();
    const app = await setup.start();
    const problem = { action: "unknown", reason: "unknown", says: "WhatsApp refused it" } as const;
    const error = () => new PluginError({ kind: "rejected", operatorMessage: "139999", problem });
    setup.whatsapp.script.next("send", { fail: error, when: "before" });
    await reply(setup, app);
    await seen(app, "deskferry_send_problems_total", 'action="unknown"');
  });

  it("webhooks are forged, or signed and not understood", async () => {
    const setup = await setUpApp();
    const app = await setup.start();
    const url = `http://127.0.0.1:${app.port}/webhooks/channels/${setup.channel}`;
    await fetch(url, { method: "POST", body: "{}", headers: { "X-Hub-Signature-256": "sha256=00" } });
    await seen(app, "deskferry_webhooks_total", 'answer="refused"');
    const redis = await openRedis();
    const part = { reason: "a new kind of message", payload: {} };
    await redis.rpush(keys.quarantine(setup.channel), JSON.stringify(part));
    await seen(app, "deskferry_quarantined");
  });

  it("an event of a newer version waits for a worker of that version", async () => {
    const setup = await setUpApp();
    const intake = await setup.start("intake");
    await setup.write(intake, "message");
    const redis = await openRedis();
    const [person = ""] = await redis.smembers(keys.pending(setup.channel, "in"));
    const mailbox = keys.mailbox(setup.channel, "in", person);
    const raw = (await redis.lindex(mailbox, 0)) ?? "";
    await redis.lset(mailbox, 0, raw.replace('{"v":1', '{"v":99'));
    const worker = await setup.start("worker");
    await seen(worker, "deskferry_newer_events_total");
  });
});
