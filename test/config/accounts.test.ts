import { expect, test } from "vitest";
import { doubleAccounts } from "../../src/config/accounts.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import type { Tools } from "../../src/sdk/tools.ts";

type Types = Parameters<typeof doubleAccounts>[1];

/** A type of channel whose account is made by `accountOf`. */
const typeOf = (name: string, accountOf: (settings: { id: string }, tools: Tools) => string) =>
  ({
    name,
    create: (settings: { id: string }, tools: Tools) => ({ accountId: accountOf(settings, tools) }),
  }) as unknown as Types[string];

const types: Types = {
  phone: typeOf("phone", ({ id }) => id),
  alias: typeOf("phone", ({ id }) => id),
  letter: typeOf("letter", ({ id }) => id),
  refusing: typeOf("refusing", () => {
    throw new PluginError({ kind: "config", operatorMessage: "no such number" });
  }),
  broken: typeOf("broken", () => {
    throw new Error("canary");
  }),
};

const findingsOf = (...channels: [type: string, id: string][]) =>
  doubleAccounts(
    Object.fromEntries(channels.map(([type, id], index) => [`c${index}`, { type, settings: { id } }])),
    types,
  );

test("channels of different numbers, and of one number by different ways, are let through", () => {
  expect(findingsOf(["phone", "1"], ["phone", "2"], ["letter", "1"])).toEqual([]);
});

test("each channel for a number that another serves is named with that one", () => {
  const remedy = "Remove one of the two";
  expect(findingsOf(["phone", "1"], ["letter", "1"], ["phone", "1"], ["alias", "1"])).toEqual([
    { path: ["channels", "c2"], reason: "serves the same phone number as channels.c0", remedy },
    { path: ["channels", "c3"], reason: "serves the same alias number as channels.c0", remedy },
  ]);
});

test.each([
  ["refusing", "no such number"],
  ["broken", "its code failed"],
])("a channel that cannot be set up says why: %s", (type, why) => {
  const remedy = "Correct its settings";
  const reason = `the channel cannot be set up: ${why}`;
  expect(findingsOf([type, "1"], [type, "1"])).toEqual([
    { path: ["channels", "c0"], reason, remedy },
    { path: ["channels", "c1"], reason, remedy },
  ]);
});

test("a channel is set up with tools that do nothing", async () => {
  let given: Tools | undefined;
  const curious = typeOf("curious", (_settings, tools) => {
    given = tools;
    return "1";
  });
  expect(doubleAccounts({ a: { type: "curious", settings: {} } }, { curious })).toEqual([]);
  if (!given) throw new Error("it was not made");
  expect(given.clock.now()).toBe(0);
  for (const level of ["debug", "info", "warn"] as const) expect(given.log[level]("x")).toBeUndefined();
  const client = given.http({ baseUrl: "http://127.0.0.1" } as never);
  const refusal = { kind: "bug", operatorMessage: "a request while being set up" };
  await expect(client.request({} as never)).rejects.toMatchObject(refusal);
  await expect(client.download({} as never)).rejects.toMatchObject(refusal);
});
