import { randomBytes } from "node:crypto";
import { expect, test, vi } from "vitest";
import { countNotUnderstood } from "../../src/app/not-understood.ts";
import { personNamed } from "../../src/app/personal-data.ts";
import { copyStarter } from "../../src/app/starter-mappings.ts";
import { createAdmission } from "../../src/app/tokens.ts";
import { newToken, type TokenRecord, tokenScopes } from "../../src/domain/token.ts";
import { messageReceived } from "../support/builders.ts";

const MINUTE = 60_000;
const [scope, otherScope] = tokenScopes;

/** An admission over one token, a store that can be cut off, and a clock that stands still. */
function admission() {
  let now = Date.parse("2026-11-22T00:00:00Z");
  const { token, record } = newToken({ scopes: scope ? [scope] : [], now, days: 1 }, randomBytes);
  const held = new Map<string, TokenRecord>([[record.id, record]]);
  const state = { isAway: false };
  const answer = <T>(value: T) =>
    state.isAway ? Promise.reject(new Error("closed")) : Promise.resolve(value);
  const noteUse = vi.fn().mockImplementation(() => answer(undefined));
  const admit = createAdmission({ find: (id: string) => answer(held.get(id)), noteUse } as never, {
    now: () => now,
  });
  return { admit, token, record, held, state, noteUse, pass: (ms: number) => (now += ms) };
}

test("a token opens what its scopes name, and its use is noted once a minute", async () => {
  const { admit, token, noteUse, pass } = admission();
  if (!scope || !otherScope) throw new Error("there are fewer than two scopes");
  expect(await admit(token, scope)).toBe("admitted");
  expect(await admit(token, scope)).toBe("admitted");
  expect(await admit(token, otherScope)).toBe("other_scope");
  expect(noteUse).toHaveBeenCalledTimes(1);
  pass(MINUTE);
  await admit(token, scope);
  expect(noteUse).toHaveBeenCalledTimes(2);
});

test("what is no token, was never given out, has run out or was revoked is unknown", async () => {
  const { admit, token, record, held, pass } = admission();
  if (!scope) throw new Error("there is no scope");
  expect(await admit("password", scope)).toBe("unknown");
  expect(await admit(newToken({ scopes: [scope], now: 0, days: 1 }, randomBytes).token, scope)).toBe(
    "unknown",
  );
  pass(2 * 24 * 60 * MINUTE);
  expect(await admit(token, scope)).toBe("unknown");
  pass(-2 * 24 * 60 * MINUTE);
  held.delete(record.id);
  expect(await admit(token, scope)).toBe("unknown");
});

test("while Redis is away a token that was good a moment ago opens on, for a quarter of an hour", async () => {
  const { admit, token, state, pass } = admission();
  if (!scope) throw new Error("there is no scope");
  await admit(token, scope);
  state.isAway = true;
  pass(15 * MINUTE - 1);
  expect(await admit(token, scope)).toBe("admitted");
  pass(1);
  await expect(admit(token, scope)).rejects.toThrow("closed");
});

test("a revoked token is not believed when Redis goes away afterwards", async () => {
  const { admit, token, record, held, state } = admission();
  if (!scope) throw new Error("there is no scope");
  await admit(token, scope);
  held.delete(record.id);
  await admit(token, scope);
  state.isAway = true;
  await expect(admit(token, scope)).rejects.toThrow("closed");
});

test("what a provider says and we do not understand is counted by what it is, and for whose account", () => {
  const inc = vi.fn();
  const unsupported = messageReceived({ message: { type: "unsupported" }, accountId: "1" } as never);
  const field = { type: "account.updated", isNew: true, accountId: "2" };
  const quarantined = [{ isNew: true, accountId: "3" }, { accountId: "4" }];
  const parsed = { events: [unsupported, messageReceived(), field], quarantined } as never;
  countNotUnderstood(parsed, (accountId) => `channel ${accountId}`, { notUnderstood: { inc } } as never);
  expect(inc.mock.calls.map(([labels]) => labels)).toEqual([
    { channel: "channel 1", what: "message" },
    { channel: "channel 2", what: "field" },
    { channel: "channel 3", what: "status" },
  ]);
});

test("operators name a person by a number or a user id, and by nothing else", () => {
  expect(personNamed(" +44 7700 900123 ")).toEqual({ phone: "+447700900123" });
  expect(personNamed("GB.13491208655302741918")).toEqual({ userId: "GB.13491208655302741918" });
  expect(personNamed("Ana")).toBeUndefined();
});

test("a starter mapping that does not exist is refused with those that do", async () => {
  await expect(copyStarter("pigeon", "/nowhere")).rejects.toThrow(/no starter mapping for "pigeon".*sandbox/);
});
