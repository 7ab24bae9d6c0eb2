import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { callingFor } from "../../src/app/calls/scope.ts";
import { failureOf } from "../support/failure-of.ts";
import { until } from "../support/until.ts";
import { setUpGuarded } from "./guarded-setup.ts";

const ok = (response: ServerResponse) => response.writeHead(200).end("{}");
const PER_MINUTE = (calls: number) => ({ calls, windowMs: 60_000 });

describe("a helpdesk that allows so many calls", () => {
  it("is not called before the turn: who comes near it waits, others are put off to their very turn", async () => {
    let calls = 0;
    const setup = await setUpGuarded({
      answer: (_, response) => {
        calls += 1;
        ok(response);
      },
      limit: PER_MINUTE(100),
      wait: () => new Promise(() => undefined),
    });
    await setup.comment("one");
    await setup.comment("two");
    void setup.comment("near");
    const put = await failureOf(setup.comment("far"));
    expect(put).toMatchObject({ kind: "waiting", retryAfterMs: 1238 });
    expect(calls).toBe(2);
    setup.clock.advance(1238);
    await setup.comment("far");
    expect(calls).toBe(3);
    expect(await setup.figure("deskferry_connection_put_off_total")).toEqual([
      `deskferry_connection_put_off_total{connection="${setup.connection}",why="limit"} 1`,
    ]);
  });

  it("finishes what has begun, each call at its turn, and never puts it off half-way", async () => {
    const times: number[] = [];
    const setup = await setUpGuarded({
      answer: (_, response, clock) => {
        times.push(clock.now());
        ok(response);
      },
      limit: PER_MINUTE(20),
    });
    const contact = { name: "Ann" };
    const ticket = { subject: "Light", description: "", priority: "normal", tags: [], fields: {} } as const;
    await callingFor("message", async () => {
      await setup.connector.upsertContact({ externalId: "whatsapp:1" }, contact as never);
      await setup.connector.createTicket({ externalId: "t", contactId: "c", ticket: ticket as never });
    });
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 3158, 6316]);
  });

  it("is learned from what its answers say, and nothing goes out when it says that nothing is left", async () => {
    let left = 3;
    const setup = await setUpGuarded({
      answer: (_, response) => {
        left -= 1;
        response.writeHead(200, { "x-limit": "120", "x-left": `${left}`, "x-reset": "30" }).end("{}");
      },
      rateLimitHeaders: { limit: "x-limit", remaining: "x-left", reset: "x-reset" },
    });
    await setup.comment("one");
    await setup.comment("two");
    const put = await failureOf(setup.comment("three"));
    expect(put.kind).toBe("waiting");
    expect(put.retryAfterMs).toBeGreaterThanOrEqual(30_000);
    expect(left).toBe(1);
  });

  it("is told as used and allowed: calls go on at any pace, until the scarcest of them is used up", async () => {
    let used = 245;
    const setup = await setUpGuarded({
      answer: (_, response) => {
        used += 1;
        const usage = `api-usage=${used}/15000; per-app-api-usage=${used}/250(appName=deskferry)`;
        response.writeHead(200, { "x-usage": usage }).end("{}");
      },
      rateLimitHeaders: { usage: "x-usage", windowSeconds: 3600 },
    });
    for (const name of ["a", "b", "c", "d"]) await setup.comment(name);
    expect(await failureOf(setup.comment("e"))).toMatchObject({ kind: "waiting", retryAfterMs: 360_000 });
    expect(used).toBe(249);
    setup.clock.advance(360_000);
    await setup.comment("e");
  });

  it("R31: says 429: everybody waits as long as it says, and no try is counted", async () => {
    let status = 429;
    const setup = await setUpGuarded({
      answer: (_, response) => response.writeHead(status, { "retry-after": "7" }).end("{}"),
    });
    expect(await failureOf(setup.comment("one"))).toMatchObject({ kind: "waiting", retryAfterMs: 7000 });
    expect(await failureOf(setup.comment("two"))).toMatchObject({ kind: "waiting", retryAfterMs: 7000 });
    status = 200;
    setup.clock.advance(7000);
    await setup.comment("one");
    expect(await setup.figure("deskferry_connection_calls_total")).toEqual([
      `deskferry_connection_calls_total{connection="${setup.connection}",outcome="throttled"} 1`,
      `deskferry_connection_calls_total{connection="${setup.connection}",outcome="ok"} 1`,
    ]);
  });
});

describe("a helpdesk that refuses the account", () => {
  it("R36: is left alone but for a probe now and then, told once, and goes on by itself", async () => {
    let [status, calls] = [401, 0];
    const setup = await setUpGuarded({
      answer: (_, response) => {
        calls += 1;
        response.writeHead(status).end("{}");
      },
    });
    for (const name of ["a", "b", "c"]) {
      expect(await failureOf(setup.comment(name))).toMatchObject({ kind: "waiting", retryAfterMs: 5000 });
    }
    expect(calls).toBe(1);
    setup.clock.advance(5000);
    for (const name of ["a", "b", "c"]) expect((await failureOf(setup.comment(name))).kind).toBe("waiting");
    expect(calls).toBe(2);
    expect(await setup.store.accountStops.reason(setup.connection)).toBe(
      "post /comments: the server answered 401",
    );
    status = 200;
    setup.clock.advance(60_000);
    await setup.comment("b");
    await setup.comment("a");
    expect(setup.lines).toEqual([
      { level: "error", message: "the helpdesk refuses the account; all its calls wait" },
      { level: "info", message: "the helpdesk accepts the account again" },
    ]);
  });

  it("goes on being refused when a call that began before comes to a good end", async () => {
    let late: ServerResponse | undefined;
    const setup = await setUpGuarded({
      answer: (request, response) => {
        if (request.url === "/contacts") late = response;
        else response.writeHead(401).end("{}");
      },
    });
    const before = setup.connector.upsertContact({ externalId: "whatsapp:1" }, { name: "Ann" } as never);
    await until("the call", () => late !== undefined);
    await failureOf(setup.comment("a"));
    late?.writeHead(200).end("{}");
    await before;
    expect(await setup.store.accountStops.reason(setup.connection)).toContain("401");
    expect(setup.lines.map(({ level }) => level)).toEqual(["error"]);
  });

  it("is tried at once when another secret is in use", async () => {
    let status = 401;
    const setup = await setUpGuarded({ answer: (_, response) => response.writeHead(status).end("{}") });
    await failureOf(setup.comment("a"));
    status = 200;
    await setup.guard.mended();
    await setup.comment("a");
    expect(await setup.store.accountStops.reason(setup.connection)).toBeUndefined();
  });

  it("with 403 to one record, but not to the account, gives up that record and nothing else", async () => {
    const setup = await setUpGuarded({
      answer: (request, response) => response.writeHead(request.url === "/comments" ? 403 : 200).end("{}"),
    });
    const failure = await failureOf(setup.comment("a"));
    expect(failure).toMatchObject({ kind: "rejected", retryable: false });
    expect(failure.operatorMessage).toContain("the account itself is accepted");
    await setup.connector.upsertContact({ externalId: "whatsapp:1" }, { name: "Ann" } as never);
  });

  it("with 403 to everything is stopped, as with 401", async () => {
    const setup = await setUpGuarded({ answer: (_, response) => response.writeHead(403).end("{}") });
    await failureOf(setup.comment("a"));
    expect(await setup.store.accountStops.reason(setup.connection)).toContain("403");
  });

  it("with 403 and cannot be asked about the account stops nobody else", async () => {
    const setup = await setUpGuarded({
      answer: (request, response) => response.writeHead(request.url === "/comments" ? 403 : 200).end("{}"),
      canCheck: false,
    });
    expect((await failureOf(setup.comment("a"))).kind).toBe("auth");
    await setup.connector.upsertContact({ externalId: "whatsapp:1" }, { name: "Ann" } as never);
  });
});

describe("a helpdesk that does not answer", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("R39: is spared after ten failures, then tried by one, and called again by all when that went well", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    let [status, calls] = [503, 0];
    const setup = await setUpGuarded({
      answer: (_, response) => {
        calls += 1;
        response.writeHead(status).end("{}");
      },
    });
    for (let n = 0; n < 10; n++) expect((await failureOf(setup.comment(`${n}`))).kind).toBe("unavailable");
    expect(await failureOf(setup.comment("x"))).toMatchObject({ kind: "waiting", retryAfterMs: 15_000 });
    expect([calls, setup.guard.isOpen()]).toEqual([10, true]);
    vi.advanceTimersByTime(15_000);
    expect((await failureOf(setup.comment("x"))).kind).toBe("unavailable");
    expect((await failureOf(setup.comment("y"))).kind).toBe("waiting");
    status = 200;
    vi.advanceTimersByTime(15_000);
    const [tried, waits] = await Promise.allSettled([setup.comment("x"), setup.comment("y")]);
    expect([tried.status, waits.status].sort()).toEqual(["fulfilled", "rejected"]);
    await setup.comment("z");
    expect([calls, setup.guard.isOpen()]).toEqual([13, false]);
    expect(setup.lines.map(({ level }) => level)).toEqual(["error", "error", "info"]);
  });

  it("R38: is spared too when it hangs for as long as a call may take", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    const held: ServerResponse[] = [];
    const setup = await setUpGuarded({ answer: (_, response) => void held.push(response) });
    const failures = Array.from({ length: 12 }, (_, n) => failureOf(setup.comment(`${n}`)));
    await vi.waitFor(() => expect(held).toHaveLength(12), { timeout: 10_000, interval: 20 });
    // What the deadline of a call does after 20 s, without waiting for it.
    vi.advanceTimersByTime(20_000);
    for (const response of held) response.destroy();
    for (const failure of await Promise.all(failures)) expect(failure.kind).toBe("ambiguous");
    expect(setup.guard.isOpen()).toBe(true);
  });

  it("but refuses single records is there", async () => {
    const setup = await setUpGuarded({ answer: (_, response) => response.writeHead(422).end("{}") });
    for (let n = 0; n < 20; n++) expect((await failureOf(setup.comment(`${n}`))).kind).toBe("rejected");
    expect(setup.guard.isOpen()).toBe(false);
  });
});
