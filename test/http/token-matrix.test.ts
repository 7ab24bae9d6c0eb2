import request from "supertest";
import { describe, expect, it } from "vitest";
import { createAdmission, openTokens } from "../../src/app/tokens.ts";
import { tokenScopes } from "../../src/domain/token.ts";
import { health } from "../../src/http/health.ts";
import { createHttpApp } from "../../src/http/server.ts";
import { keys } from "../../src/store/keys.ts";
import { createTokens } from "../../src/store/tokens.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createClock } from "../support/clock.ts";
import { openRedis, redisUrl } from "../support/redis.ts";

/** Of every address of ours but webhooks, which are signed: who may see it. `never` tokens change nothing. */
const matrix: Record<
  string,
  { scope?: (typeof tokenScopes)[number]; details?: (typeof tokenScopes)[number] }
> = {
  "GET /health/live": {},
  "GET /health/ready": { details: "health:read" },
  "GET /metrics": { scope: "metrics:read" },
};

async function setUp(options: { hasPublicMetrics?: boolean; isOpen?: boolean } = {}) {
  const redis = await openRedis();
  const clock = createClock("2026-11-21T12:00:00.000Z");
  const tokens = createTokens(redis);
  const admit = options.isOpen ? undefined : createAdmission(tokens, clock);
  const probes = health({
    notReady: async () => [],
    warnings: async () => ["the account of desk is refused"],
    metrics: async () => ({ contentType: "text/plain", text: "figures 1\n" }),
    admit,
    hasPublicMetrics: options.hasPublicMetrics ?? false,
  });
  const app = createHttpApp(probes, {}, createLogger("silent"));
  const config = {
    redis: { url: redisUrl(), allowUnsafe: true },
    channels: {},
    audit: { keepDays: 400, log: false, formerSecrets: [] },
  };
  const operations = await openTokens({ config: config as never }, clock);
  const ask = (address: string, authorization?: string) => {
    const [method = "", path = ""] = address.split(" ");
    const asked = request(app)[method.toLowerCase() as "get"](path);
    return authorization === undefined ? asked : asked.set("Authorization", authorization);
  };
  return { app, redis, clock, tokens, operations, ask };
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

/** As the router has them, with every method. */
function routesOf(layers: Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route) return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`);
    return routesOf(handle?.stack ?? []);
  });
}

function statusFor(scope: string | undefined, name: string): number {
  if (!scope || scope === name) return 200;
  return name === "nobody" ? 401 : 403;
}

describe("H08: tokens", () => {
  it("are asked for at every address of the router as the matrix says, for each scope, and nowhere is a gap", async () => {
    const { app, operations, ask } = await setUp();
    const routes = routesOf((app as unknown as { router: { stack: Layer[] } }).router.stack);
    expect(routes.sort()).toEqual(Object.keys(matrix).sort());
    const used = Object.values(matrix).flatMap(({ scope, details }) => [scope, details]);
    expect(tokenScopes.filter((scope) => !used.includes(scope))).toEqual([]);

    const found: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    const none = { name: "nobody", token: undefined };
    const made = await Promise.all(
      tokenScopes.map(async (scope) => ({ name: scope, token: (await operations.create([scope], 1)).token })),
    );
    for (const [address, { scope, details }] of Object.entries(matrix)) {
      for (const { name, token } of [none, ...made]) {
        const { status, body } = await ask(address, token && `Bearer ${token}`);
        const right = statusFor(scope, name);
        found[`${address} as ${name}`] = { status, isTold: "warnings" in body };
        expected[`${address} as ${name}`] = { status: right, isTold: right === 200 && details === name };
      }
    }
    expect(found).toEqual(expected);
    await operations.close();
  });

  it("that are ended, revoked, altered or none at all open nothing", async () => {
    const { operations, ask, clock, redis } = await setUp();
    const status = async (authorization: string) => (await ask("GET /metrics", authorization)).status;
    const { token } = await operations.create(["metrics:read"], 1);
    const bearer = `Bearer ${token}`;
    expect(await status(bearer)).toBe(200);
    const last = token.endsWith("A") ? "B" : "A";
    const id = token.slice(4, 12);
    for (const wrong of [
      "",
      "Bearer",
      "Bearer dfy_",
      `Bearer ${token.slice(0, -1)}${last}`,
      `Bearer ${token}x`,
      `Bearer dfy_zzzzzzzz_${token.slice(13)}`,
      `Bearer ${id}`,
      `Basic ${Buffer.from(`a:${token}`).toString("base64")}`,
      token,
      `Bearer ${"a".repeat(5000)}`,
    ])
      expect([wrong.slice(0, 30), await status(wrong)]).toEqual([wrong.slice(0, 30), 401]);

    const [stored] = await redis.hmget(keys.tokens(), id);
    expect(stored).not.toContain(token.slice(13));
    clock.advance(24 * 3_600_000);
    expect(await status(bearer)).toBe(401);

    const { token: other } = await operations.create(["metrics:read"], 365);
    expect(await status(`Bearer ${other}`)).toBe(200);
    expect((await operations.list()).find((each) => other.includes(each.id))).toMatchObject({
      usedAt: "2026-11-22T12:00:00.000Z",
      expiresAt: "2027-11-22T12:00:00.000Z",
    });
    expect(await operations.revoke(other.slice(4, 12))).toBe(true);
    expect(await status(`Bearer ${other}`)).toBe(401);
    expect(await operations.revoke(other.slice(4, 12))).toBe(false);
    await operations.close();
  });

  it("while Redis is away open something for 15 minutes after they last did; being ready is told all the same", async () => {
    const { ask, redis, operations, clock } = await setUp();
    const { token } = await operations.create(["metrics:read", "health:read"], 1);
    const { token: unused } = await operations.create(["metrics:read"], 1);
    expect((await ask("GET /metrics", `Bearer ${token}`)).status).toBe(200);
    redis.disconnect();
    clock.advance(14 * 60_000);
    const forged = `Bearer ${token.slice(0, 20)}${"A".repeat(36)}`;
    expect((await ask("GET /metrics", `Bearer ${token}`)).status).toBe(200);
    expect((await ask("GET /metrics", forged)).status).toBe(401);
    expect((await ask("GET /metrics", `Bearer ${unused}`)).status).toBe(503);
    clock.advance(60_000);
    expect((await ask("GET /metrics", `Bearer ${token}`)).status).toBe(503);
    const ready = await ask("GET /health/ready", `Bearer ${token}`);
    expect([ready.status, ready.body]).toEqual([200, { ready: true, reasons: [] }]);
    await operations.close();
  });

  it("are not asked for where only this machine can ask, or where figures are made public", async () => {
    const own = await setUp({ isOpen: true });
    expect((await own.ask("GET /metrics")).status).toBe(200);
    expect((await own.ask("GET /health/ready")).body).toHaveProperty("warnings");
    const shared = await setUp({ hasPublicMetrics: true });
    expect((await shared.ask("GET /metrics")).status).toBe(200);
    expect((await shared.ask("GET /health/ready")).body).not.toHaveProperty("warnings");
  });
});
