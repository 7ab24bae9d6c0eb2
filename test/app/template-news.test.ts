import { describe, expect, it } from "vitest";
import type { Parts } from "../../src/app/parts.ts";
import { createTaking } from "../../src/app/webhooks.ts";
import meta from "../../src/channels/meta/index.ts";
import { createStore } from "../../src/store/store.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { metaChannel, signature } from "../http/http-setup.ts";
import { createClock } from "../support/clock.ts";
import { createFakeMapper } from "../support/fake-mapper.ts";
import { openRedis, uniqueChannel } from "../support/redis.ts";

const SECRET = "secret-of-the-city";
const SOLVED = { name: "ticket_solved", language: "en" };
const info = { ...SOLVED, category: "UTILITY", header: [], body: [], buttons: [], alsoNeeds: [] };

/** Three numbers of one Meta app: two of one account, one of another; and one of another app. */
async function setUp() {
  const redis = await openRedis();
  const store = createStore(redis);
  const clock = createClock();
  const part = (account: string | undefined, secret = SECRET) => {
    const channel = metaChannel(account ?? "1", [secret]);
    const ofAccount = account ? { ...channel, templateAccountId: account } : channel;
    return [uniqueChannel(redis), { type: "meta", definition: meta, channel: ofAccount }] as const;
  };
  const channels = [part("200"), part("200"), part("300"), part("200", "another"), part(undefined)];
  const parts: Parts = {
    channels: new Map(channels),
    connectors: new Map(),
    routes: new Map(),
    mapper: { ...createFakeMapper() } as unknown as Parts["mapper"],
    renew: () => ({ channels: [], connections: [] }),
    close: async () => undefined,
  };
  const names = channels.map(([name]) => name);
  for (const name of names) {
    await store.templates.replace(name, [{ ...info, status: "APPROVED" }], clock.now());
    await store.stops.stopTemplate(name, SOLVED, { says: "paused", now: clock.now() });
  }
  clock.advance(1000);
  const intake = { accept: async (items: unknown[]) => items.map(() => ({ fresh: true })) };
  const links = { reverse: async () => undefined };
  const metrics = createMetrics();
  const taking = createTaking({ parts, links, intake, metrics, store, clock, trace: () => undefined });

  async function tell(event: string, at: number, addressed = names[0] ?? "") {
    const value = { event, message_template_name: SOLVED.name, message_template_language: SOLVED.language };
    const changes = [{ field: "message_template_status_update", value }];
    const body = JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ id: "200", time: at, changes }],
    });
    const headers = { "x-hub-signature-256": signature(body, SECRET) };
    const request = { headers, query: {}, body: Buffer.from(body) };
    await taking.fromChannel(addressed, request, meta.parse(request.body));
  }

  async function states() {
    const all = names.map(async (name) => {
      const [copy] = (await store.templates.all(name)) ?? [];
      const stop = await store.stops.template(name, SOLVED, clock.now());
      const { isStale } = (await store.templates.state(name)) ?? {};
      return `${copy?.status}${stop === undefined ? "" : " stopped"}${isStale ? " stale" : ""}`;
    });
    return Promise.all(all);
  }
  return { tell, states, store, names, clock };
}

describe("P15: news of a template", () => {
  it("count at once for all numbers of its account behind the same secret, and for no others", async () => {
    const { tell, states } = await setUp();
    await tell("PAUSED", 1_795_000_000);
    const untouched = "APPROVED stopped";
    expect(await states()).toEqual([
      "PAUSED stopped stale",
      "PAUSED stopped stale",
      untouched,
      untouched,
      untouched,
    ]);
  });

  it("that it is approved again lift its stop", async () => {
    const { tell, states } = await setUp();
    await tell("REINSTATED", 1_795_000_000);
    expect((await states()).slice(0, 3)).toEqual(["APPROVED stale", "APPROVED stale", "APPROVED stopped"]);
  });

  it("that arrive after later ones change nothing", async () => {
    const { tell, states } = await setUp();
    await tell("APPROVED", 1_795_000_010);
    await tell("PAUSED", 1_795_000_000);
    expect((await states())[0]).toBe("APPROVED stale");
  });

  it("that leave the status open only have the account asked soon", async () => {
    const { tell, states } = await setUp();
    await tell("FLAGGED", 1_795_000_000);
    expect((await states())[0]).toBe("APPROVED stopped stale");
  });

  it("reach a number that is addressed and has not named its account", async () => {
    const { tell, states, names } = await setUp();
    await tell("APPROVED", 1_795_000_000, names[4]);
    expect((await states())[4]).toBe("APPROVED stale");
  });

  it("are forgotten once the account itself was asked later", async () => {
    const { tell, states, store, names, clock } = await setUp();
    await tell("PAUSED", 1_795_000_000);
    clock.advance(1);
    await store.templates.replace(names[0] ?? "", [{ ...info, status: "DISABLED" }], clock.now());
    expect((await states())[0]).toBe("DISABLED stopped");
  });
});
