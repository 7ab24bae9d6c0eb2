import { describe, expect, it } from "vitest";
import type { BackgroundJob } from "../../src/app/background.ts";
import { pollJobs } from "../../src/app/poll-jobs.ts";
import type { ConnectionConfig } from "../../src/config/schema.ts";
import type { ConnectorCapabilities } from "../../src/sdk/connector.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { createStore } from "../../src/store/store.ts";
import { commentAdded } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";
import { createFakeHelpdesk, fails } from "../support/fake-helpdesk.ts";
import { openRedis, uniqueConnection } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

const textOf = async (port: number, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();

describe("the running app", () => {
  it("R36: waits for a helpdesk that refuses the account, says so, and goes on by itself", async () => {
    let isRefused = true;
    const setup = await setUpApp({
      connector: {
        checkConnection: async () => {
          if (isRefused)
            throw new PluginError({ kind: "auth", operatorMessage: "the token is not accepted" });
          return [];
        },
      },
    });
    const { desk, connection } = setup;
    desk.script.always("upsertContact", fails("auth"));
    const app = await setup.start();
    await setup.write(app, "hello");
    const stopped = (value: number) => `deskferry_connection_stopped{connection="${connection}"} ${value}`;
    await until("the stop", async () => (await textOf(app.port, "/metrics")).includes(stopped(1)));
    const ready = JSON.parse(await textOf(app.port, "/health/ready")) as {
      ready: boolean;
      warnings: string[];
    };
    expect(ready).toMatchObject({
      ready: true,
      warnings: [expect.stringContaining("refuses the account: scripted: auth")],
    });
    desk.script.always("upsertContact", "ok");
    isRefused = false;
    await until("the comment", () => desk.comments.length === 1, { withinMs: 20_000 });
    expect(await textOf(app.port, "/metrics")).toContain(stopped(0));
    expect(await setup.store.deadLetters.count(setup.channel)).toBe(0);
  }, 40_000);

  it("keeps to callsPerMinute: one event goes to the helpdesk, the next waits for its turn", async () => {
    const setup = await setUpApp({ callsPerMinute: 2 });
    const app = await setup.start();
    await setup.write(app, "first");
    await until("the first", () => setup.desk.comments.length === 1);
    await setup.write(app, "second");
    const inLine = `deskferry_connection_in_line{connection="${setup.connection}"} 1`;
    await until("somebody in line", async () => (await textOf(app.port, "/metrics")).includes(inLine));
    expect(setup.desk.comments).toHaveLength(1);
    expect(await textOf(app.port, "/metrics")).toContain(
      `deskferry_connection_put_off_total{connection="${setup.connection}",why="limit"} 1`,
    );
  }, 40_000);

  it("P32: finds by asking what a webhook lost, and does nothing twice that came both ways", async () => {
    const setup = await setUpApp({
      reconcileMinutes: 1 / 60,
      connector: {
        capabilities: {
          idempotency: { class: "A" },
          changes: ["push", "poll"],
          internalComments: true,
          maxAttachmentBytes: 0,
        },
        listChanges: async (cursor) => {
          const [ticket] = setup.desk.tickets;
          if (cursor !== "0" || !ticket) return { events: [], cursor: cursor ?? "0", more: false };
          return { events: replies(), cursor: "1", more: false };
        },
      },
    });
    const both = [
      { id: "change/1", body: "We are on our way" },
      { id: "change/2", body: "It is mended" },
    ];
    const replies = () => {
      const { id = "", externalId = "" } = setup.desk.tickets[0] ?? {};
      return both.map((reply) => commentAdded({ ...reply, ticket: { id, externalId } }));
    };
    const app = await setup.start("intake");
    const worker = await setup.start("worker");
    await setup.write(app, "The street light is broken");
    await until("the ticket", () => setup.desk.comments.length === 1);
    await setup.report(app, replies().slice(0, 1));
    await until("both replies", () => setup.whatsapp.sent.length === 2);
    const isRepeat = /events_accepted_total\{[^}]*outcome="repeat"\} 1/;
    const figures = () => Promise.all([app, worker].map(({ port }) => textOf(port, "/metrics")));
    await until("the repeat", async () => (await figures()).some((text) => isRepeat.test(text)));
    expect(setup.whatsapp.sent).toHaveLength(2);
  }, 40_000);
});

describe("asking for changes", () => {
  async function jobsOf(settings: Partial<ConnectionConfig>, changes: ConnectorCapabilities["changes"]) {
    const redis = await openRedis();
    const name = uniqueConnection(redis);
    const { connector } = createFakeHelpdesk({ clock: createClock() });
    const capabilities = { ...connector.capabilities, changes };
    const listChanges = async () => ({ events: [], cursor: "0", more: false });
    return pollJobs({
      config: { connections: { [name]: { use: "fake", settings: {}, ...settings } } },
      parts: { connectors: new Map([[name, { ...connector, capabilities, listChanges }]]) },
      store: createStore(redis),
      taking: { fromConnection: async () => undefined },
    });
  }
  const intervals = (jobs: BackgroundJob[]) => jobs.map(({ everyMs }) => everyMs);

  it("is done as often as the settings say, and seldom where webhooks bring them", async () => {
    expect(intervals(await jobsOf({ pollSeconds: 30, reconcileMinutes: 15 }, ["poll"]))).toEqual([30_000]);
    expect(intervals(await jobsOf({ reconcileMinutes: 15 }, ["push", "poll"]))).toEqual([900_000]);
    expect(intervals(await jobsOf({ pollSeconds: 5, reconcileMinutes: 15 }, ["push", "poll"]))).toEqual([
      5000,
    ]);
    expect(intervals(await jobsOf({ reconcileMinutes: 0 }, ["push", "poll"]))).toEqual([]);
    expect(intervals(await jobsOf({ reconcileMinutes: 15 }, ["push"]))).toEqual([]);
    expect(intervals(await jobsOf({ reconcileMinutes: 15 }, ["poll"]))).toEqual([]);
  });
});
