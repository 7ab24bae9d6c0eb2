import { describe, expect, it } from "vitest";
import { type Connector, PluginError } from "../../src/sdk/index.ts";
import { failureOf } from "../support/failure-of.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";
import { setUpGuarded } from "./guarded-setup.ts";

const HOUR_MS = 3_600_000;
/** Of a helpdesk that says 429 and not for how long. */
const OWN_MS = 10_000;

describe("R31: a helpdesk that says 429", () => {
  it.each([
    ["seconds", "7", 7000],
    ["an HTTP date", "Mon, 02 Nov 2026 09:01:30 GMT", 90_000],
    ["more than an hour", "999999", HOUR_MS],
    ["a negative number", "-1", OWN_MS],
    ["nonsense", "abc", OWN_MS],
    ["nothing", undefined, OWN_MS],
  ])(
    "with %s is called again then, and not before; another helpdesk is called meanwhile",
    async (_, header, ms) => {
      let isOver = false;
      const calls: number[] = [];
      const setup = await setUpGuarded({
        answer: (_request, response, clock) => {
          calls.push(clock.now());
          if (isOver) response.end("{}");
          else response.writeHead(429, header === undefined ? {} : { "retry-after": header }).end("{}");
        },
      });
      const other = await setUpGuarded({ answer: (_request, response) => response.end("{}") });
      const begun = setup.clock.now();
      expect(await failureOf(setup.comment("m1"))).toMatchObject({ kind: "waiting", retryAfterMs: ms });
      isOver = true;
      setup.clock.advance(ms - 1100);
      expect((await failureOf(setup.comment("m1"))).kind).toBe("waiting");
      await other.comment("m2");
      setup.clock.advance(1100);
      await setup.comment("m1");
      const [, again = 0] = calls.map((at) => at - begun);
      expect(calls).toHaveLength(2);
      expect(again).toBeGreaterThanOrEqual(ms);
      expect(again).toBeLessThanOrEqual(ms * 1.2);
    },
  );
});

it("R37: of messages one in ten of which the helpdesk refuses, those become dead letters with their reason, and the rest arrive", async () => {
  const refused = new PluginError({ kind: "rejected", code: 422, operatorMessage: "comment: answered 422" });
  const handed: { addComment?: Connector["addComment"] } = {};
  const setup = await setUpApp({
    connector: {
      addComment: async (comment) => {
        if (comment.body.includes("refuse me")) throw refused;
        return (await handed.addComment?.(comment)) ?? { id: "nowhere" };
      },
    },
  });
  const { desk, store, channel } = setup;
  handed.addComment = (comment) => desk.connector.addComment(comment);
  const app = await setup.start();
  for (let n = 1; n <= 60; n++) {
    const text = n % 10 === 0 ? `refuse me ${n}` : `message ${n}`;
    expect((await setup.write(app, text, n)).status).toBe(200);
  }
  const letters = async () => {
    const found: string[] = [];
    for await (const { kind, reason } of store.deadLetters.list(channel)) found.push(`${kind}: ${reason}`);
    return found;
  };
  await until("all to end", async () => desk.comments.length + (await letters()).length === 60);
  expect(desk.comments).toHaveLength(54);
  expect(await letters()).toEqual(new Array(6).fill("rejected: comment: answered 422"));
});
