import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type PrivateRedis, type RedisOptions, startPrivateRedis } from "../../scripts/private-redis.ts";
import { startStack } from "../../scripts/stack.ts";
import { UnsafeRedis } from "../../src/app/start.ts";
import { MappingLoadError } from "../../src/mapping/errors.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { commentAdded, ticketChanged } from "../support/builders.ts";
import { encryptionWith } from "../support/ciphers.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { labelValues } from "../telemetry/metric-labels.ts";
import { setUpApp } from "./app-setup.ts";

async function privateRedis(options: RedisOptions = {}): Promise<PrivateRedis> {
  const redis = await startPrivateRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}

/** Connections that others hold open to this Redis. */
async function othersOn(url: string): Promise<number> {
  const redis = await connectRedis(url, "worker");
  try {
    const list = String(await redis.call("CLIENT", "LIST"));
    return list.trim().split("\n").length - 1;
  } finally {
    redis.disconnect();
  }
}

describe("startApp", () => {
  it("role all: a message becomes a ticket, a reply and a change go back", async () => {
    const setup = await setUpApp();
    const { desk, whatsapp } = setup;
    const app = await setup.start();
    expect((await setup.write(app, "The street light is broken")).status).toBe(200);
    await until("the comment", () => desk.comments.length === 1);
    const [ticket] = desk.tickets;
    if (!ticket) throw new Error("there is no ticket");
    const { id, externalId } = ticket;
    const snapshot = { id, externalId, subject: "light" };
    await setup.report(app, [
      commentAdded({ ticket: snapshot, body: "We are on our way" }),
      commentAdded({ ticket: snapshot, body: "a secret", visibility: "internal" }),
      ticketChanged({ ticket: snapshot, to: "solved" }),
    ]);
    await until("two messages", () => whatsapp.sent.length === 2);
    expect(whatsapp.sent.map(({ outbound }) => outbound)).toMatchObject([
      { kind: "text", text: "We are on our way" },
      { kind: "template", template: { name: "ticket_solved", body: ["light", id] } },
    ]);
  });

  it("role intake takes in and does no work; role worker works and takes nothing in", async () => {
    const setup = await setUpApp();
    const intake = await setup.start("intake");
    expect((await setup.write(intake, "one")).status).toBe(200);
    expect((await setup.write(intake, "two")).status).toBe(200);
    expect(setup.desk.script.calls).toEqual([]);
    const worker = await setup.start("worker");
    expect((await setup.write(worker, "three")).status).toBe(404);
    await until("both comments", () => setup.desk.comments.length === 2);
    expect(setup.desk.comments.map(({ body }) => body)).toEqual(["one", "two"]);
    for (const { port } of [intake, worker]) {
      const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [] }]);
    }
  });

  it("an intake does not need mappings that only workers use", async () => {
    const setup = await setUpApp({ mapping: "/nowhere/at/all" });
    const app = await setup.start("intake");
    expect((await setup.write(app, "x")).status).toBe(200);
  });

  it("labels of the figures are names from the settings or closed lists, whatever was sent", async () => {
    const setup = await setUpApp();
    const app = await setup.start();
    const address = `http://127.0.0.1:${app.port}`;
    await setup.write(app, "hello");
    await until("the comment", () => setup.desk.comments.length === 1);
    await setup.report(app, [commentAdded({ ticket: { id: "foreign" } })]);
    await fetch(`${address}/webhooks/channels/+447700900123`, { method: "POST", body: "{}" });
    await fetch(`${address}/webhooks/connections/%22%7D%20forged`, { method: "POST", body: "{}" });
    const figures = await (await fetch(`${address}/metrics`)).text();
    const own = figures.split("\n").filter((line) => line.startsWith("deskferry_"));
    expect(own.length).toBeGreaterThan(10);
    const names = [setup.channel, setup.connection, "unknown"];
    for (const line of own) {
      for (const [, label = "", value = ""] of line.matchAll(/([a-z]+)="([^"]*)"/g)) {
        if (label === "le") continue;
        const allowed = labelValues[label];
        expect(allowed === "settings" ? names : allowed, line).toContain(value);
      }
    }
    expect(figures).not.toMatch(/7700900|forged|hello/);
  });
});

describe("startApp refuses", () => {
  it("R23: a Redis that may lose events, with the reasons, and hangs on to nothing", async () => {
    const { url } = await privateRedis({
      config: ["--appendonly", "no", "--maxmemory-policy", "allkeys-lru"],
    });
    const setup = await setUpApp({ redis: url, allowUnsafe: false });
    const before = await othersOn(url);
    const error = await setup.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsafeRedis);
    expect((error as UnsafeRedis).reasons).toEqual([
      expect.stringContaining("appendonly is off"),
      expect.stringContaining("maxmemory-policy is allkeys-lru"),
    ]);
    await until("its connections to end", async () => (await othersOn(url)) === before);
  });

  it("a Redis begun with another name key, or encrypted while the settings have no keys; the right ones start again", async () => {
    const { url: redis } = await privateRedis();
    const encryption = encryptionWith(1);
    const first = await (await setUpApp({ redis, encryption })).start();
    await first.stop();
    const another = await setUpApp({
      redis,
      encryption: { ...encryption, nameKey: "another name key, also long enough" },
    });
    await expect(another.start()).rejects.toThrow(/encryption\.nameKey is not the one/);
    await expect((await setUpApp({ redis })).start()).rejects.toThrow(/settings have no `encryption`/);
    await (await setUpApp({ redis, encryption })).start();
  });

  it("a Redis that cannot be reached, in plain words, and tries no more", async () => {
    const redis = await privateRedis();
    const setup = await setUpApp({ redis: redis.url });
    await redis.kill();
    await expect(setup.start()).rejects.toThrow(
      "Redis cannot be used (ECONNREFUSED): check redis.url in the settings",
    );
    await redis.restart();
    await until("the test's own connection alone", async () => (await othersOn(redis.url)) === 1);
  });

  it("a Redis that wants another password, without showing any", async () => {
    const redis = await privateRedis();
    const setup = await setUpApp({ redis: redis.url.replace("redis://", "redis://:first@") });
    const admin = await connectRedis(redis.url, "worker");
    onTestFinished(() => admin.disconnect());
    await admin.call("CONFIG", "SET", "requirepass", "second");
    const error = await setup.start().catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(
      /^RedisUnreachable: Redis cannot be used \(WRONGPASS .*\): check redis\.url/,
    );
    expect(String(error)).not.toMatch(/first|second/);
  });

  it("but takes it where the settings say so", async () => {
    const { url } = await privateRedis({ config: ["--appendonly", "no"] });
    const setup = await setUpApp({ redis: url, allowUnsafe: true });
    const app = await setup.start("intake");
    expect((await setup.write(app, "x")).status).toBe(200);
  });

  it("mapping files that do not compile, and hangs on to nothing", async () => {
    const { url } = await privateRedis();
    const folder = await mkdtemp(path.join(tmpdir(), "deskferry-mapping-test-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const setup = await setUpApp({ redis: url, mapping: folder });
    const before = await othersOn(url);
    await expect(setup.start("worker")).rejects.toBeInstanceOf(MappingLoadError);
    await until("its connections to end", async () => (await othersOn(url)) === before);
  });

  it("a port that is taken, and hangs on to nothing", async () => {
    const { url } = await privateRedis();
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as net.AddressInfo;
    const setup = await setUpApp({ redis: url, server: { host: "127.0.0.1", port, publicMetrics: false } });
    const before = await othersOn(url);
    await expect(setup.start()).rejects.toThrow("EADDRINUSE");
    await until("its connections to end", async () => (await othersOn(url)) === before);
    await setup.desk.connector.upsertContact({ externalId: "x" }, { name: "x" });
    expect(setup.desk.script.calls).toEqual(["upsertContact"]);
  });
});

describe("Redis away", () => {
  it("P33, R21: killed or frozen, a webhook is answered 503 within a second; afterwards the repeat is taken once", async () => {
    const redis = await privateRedis({ appendfsync: "always" });
    const setup = await setUpApp({ redis: redis.url });
    const app = await setup.start();
    await setup.write(app, "before");
    await until("the first comment", () => setup.desk.comments.length === 1);

    const other = await connectRedis(redis.url, "worker");
    onTestFinished(() => other.disconnect());
    await other.call("CLIENT", "PAUSE", "2500", "ALL");
    await expectRefused(() => setup.write(app, "frozen"));
    await until("Redis to thaw", () => other.ping());
    expect((await setup.write(app, "frozen")).status).toBe(200);

    await redis.kill();
    await expectRefused(() => setup.write(app, "killed"));
    const ready = await fetch(`http://127.0.0.1:${app.port}/health/ready`);
    expect(await ready.json()).toEqual({ ready: false, reasons: ["Redis does not answer"] });
    await redis.restart();
    await until("Redis to be used again", async () => (await setup.write(app, "killed")).status === 200);
    await until("all comments", () => setup.desk.comments.length === 3);
    expect(setup.desk.comments.map(({ body }) => body)).toEqual(["before", "frozen", "killed"]);
  });
});

async function expectRefused(write: () => Promise<Response>): Promise<void> {
  const begun = performance.now();
  const answer = await write();
  // 800 ms, and what a busy machine adds.
  expect(performance.now() - begun).toBeLessThan(1500);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await answer.json()).toEqual({ error: "this could not be stored; send it again" });
}

describe("stop", () => {
  it("waits for the event being handled, and takes nothing more", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = 0;
    const slow = await setUpApp({
      connector: {
        addComment: async () => {
          begun++;
          await held;
          return { id: "comment-1" };
        },
      },
    });
    const app = await slow.start();
    await slow.write(app, "slow");
    await until("the handler to begin", () => begun === 1);
    let isStopped = false;
    const stopping = app.stop().then(() => {
      isStopped = true;
    });
    await until("the port to be closed", () =>
      slow.write(app, "late").then(
        () => false,
        () => true,
      ),
    );
    expect(isStopped).toBe(false);
    release();
    await stopping;
    expect(await slow.store.mailboxes.waiting(slow.channel, "in")).toBe(0);
    expect(begun).toBe(1);
  });

  it("O04: gives a handler that hangs up within 10 s, and another worker takes the event over", async () => {
    let begun = 0;
    const addComment = () => {
      begun++;
      return begun === 1 ? new Promise<never>(() => undefined) : Promise.resolve({ id: "comment-1" });
    };
    const setup = await setUpApp({ connector: { addComment } });
    const app = await setup.start();
    await setup.write(app, "hanging");
    await until("the handler to begin", () => begun === 1);
    const from = performance.now();
    await app.stop();
    expect(performance.now() - from).toBeLessThan(10_000);
    await setup.start("worker");
    await until("the event to be taken over", () => begun === 2);
  });

  it("with Redis gone ends within 10 s", async () => {
    const redis = await privateRedis();
    const setup = await setUpApp({ redis: redis.url });
    const app = await setup.start();
    await redis.kill();
    const from = performance.now();
    await app.stop();
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it("by SIGTERM the process ends with 0 within 10 s", async () => {
    const stack = await startStack({ redisUrl: redisUrl(), name: `sigterm-${process.pid}` });
    onTestFinished(() => stack.stop());
    const app = await stack.start("all");
    const from = performance.now();
    expect(await app.stop()).toBe(0);
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});

describe("a mapping that fails on a message", () => {
  it("makes a dead letter that names the file; nothing raw reaches the helpdesk", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "deskferry-mapping-test-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(path.join(folder, "contact.jsonata"), '{ "name": person.name }');
    await writeFile(path.join(folder, "ticket.jsonata"), '{ "subject": "x" }');
    await writeFile(path.join(folder, "comment.jsonata"), '{ "body": $number(message.text) }');
    const setup = await setUpApp({ mapping: folder });
    const app = await setup.start();
    await setup.write(app, "words that are no number");
    await until("the dead letter", async () => (await setup.store.deadLetters.count(setup.channel)) === 1);
    for await (const letter of setup.store.deadLetters.list(setup.channel)) {
      expect(letter.kind).toBe("evaluate");
      expect(letter.reason).toContain("comment.jsonata");
      expect(letter.reason).not.toContain("words that");
    }
    expect(setup.desk.comments).toEqual([]);
  });
});

describe("polling", () => {
  it("brings changes once, although two workers poll", async () => {
    const asked: (string | undefined)[] = [];
    const setup = await setUpApp({
      pollSeconds: 1,
      connector: {
        listChanges: async (cursor) => {
          asked.push(cursor);
          const [ticket] = setup.desk.tickets;
          if (cursor !== "0" || !ticket) return { events: [], cursor: cursor ?? "0", more: false };
          const { id, externalId } = ticket;
          return { events: [commentAdded({ ticket: { id, externalId } })], cursor: "1", more: false };
        },
      },
    });
    const app = await setup.start();
    await setup.start("worker");
    await setup.write(app, "hello");
    await until("the reply", () => setup.whatsapp.sent.length === 1);
    await until("another round", () => asked.filter((cursor) => cursor === "1").length > 1);
    expect(setup.whatsapp.sent).toHaveLength(1);
    expect(asked.filter((cursor) => cursor === undefined)).toHaveLength(1);
  });
});
