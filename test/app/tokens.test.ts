import { expect, it } from "vitest";
import { openAuditReports } from "../../src/app/audit-reports.ts";
import { createAdmission, openTokens, scopeNames } from "../../src/app/tokens.ts";
import { tokenScopes } from "../../src/domain/token.ts";
import { keys } from "../../src/store/keys.ts";
import { createClock } from "../support/clock.ts";
import { openRedis } from "../support/redis.ts";
import { setUpApp } from "./app-setup.ts";

const DAY_MS = 86_400_000;

async function setUp(audit: { secret?: string; formerSecrets?: string[] } = {}) {
  const setup = await setUpApp({ audit });
  const clock = createClock();
  const tokens = await openTokens(setup, clock);
  return { ...setup, clock, tokens };
}

it("a token has the scopes that were named, in the order that they always have, and lasts its days", async () => {
  const { tokens, clock, store } = await setUp();
  expect(scopeNames()).toEqual(tokenScopes);
  const backwards = [...tokenScopes].reverse();
  for (const [names, scopes] of [
    [backwards, tokenScopes],
    [["health:read", "everything"], ["health:read"]],
    [["metrics:read", "metrics:read"], ["metrics:read"]],
    [[], []],
  ]) {
    const { token, expiresAt } = await tokens.create(names ?? [], 7);
    const [, id = ""] = token.split("_");
    const record = (await tokens.list()).find((one) => one.id === id);
    expect(record).toMatchObject({ scopes, expiresAt });
    expect(Date.parse(expiresAt) - clock.now()).toBe(7 * DAY_MS);
    expect(JSON.stringify(record)).not.toContain(token);
    const admit = createAdmission(store.tokens, clock);
    expect(await admit(token, "health:read")).toBe(
      scopes?.includes("health:read") ? "admitted" : "other_scope",
    );
    expect(await tokens.revoke(id)).toBe(true);
    expect(await tokens.revoke(id)).toBe(false);
    expect(await admit(token, "health:read")).toBe("unknown");
  }
  await tokens.close();
});

it("what is done with tokens is in the audit log of every channel, who did it and with which, never the token", async () => {
  const { tokens, channel, config } = await setUp();
  const { token, expiresAt } = await tokens.create(["health:read", "metrics:read"], 1);
  const [, id = ""] = token.split("_");
  await tokens.revoke(id);
  await tokens.revoke("unknown");
  await tokens.close();
  const reports = await openAuditReports({ config } as never);
  expect(reports.channels).toEqual([channel]);
  const entries = await reports.list(channel);
  const detail = { token: id, scopes: "metrics:read,health:read", expiresAt };
  expect(entries.map(({ what, detail }) => ({ what, detail }))).toEqual([
    { what: "token.created", detail },
    { what: "token.revoked", detail: { token: id } },
  ]);
  for (const { by } of entries) expect(by).toMatch(/^user:./);
  expect(JSON.stringify(entries)).not.toContain(token);
  const report = await reports.verify(channel, undefined);
  expect(report).toMatchObject({ channel, good: 2, first: entries[0]?.at, last: entries[1]?.at });
  expect(report.anchor).toMatch(new RegExp(`^${channel}:2:[0-9a-f]{64}$`));
  expect(reports.secretId).toBeUndefined();
  await reports.close();
});

it("a log is verified by the secret of the settings or a former one, and shows no anchor once it was changed", async () => {
  const [secret, other] = ["s".repeat(40), "o".repeat(40)];
  const { tokens, channel, config } = await setUp({ secret });
  const { token } = await tokens.create([], 1);
  await tokens.revoke(token.split("_")[1] ?? "");
  await tokens.close();
  const verify = async (audit: { secret?: string; formerSecrets?: string[] }) => {
    const changed = { ...config, audit: { ...config.audit, ...audit } };
    const reports = await openAuditReports({ config: changed } as never);
    const report = await reports.verify(channel, undefined);
    await reports.close();
    return { report, secretId: reports.secretId };
  };
  const { report, secretId } = await verify({ secret });
  expect(report).toMatchObject({ good: 2 });
  expect(report.fault).toBeUndefined();
  expect(secretId).toBeTypeOf("string");
  expect((await verify({ secret: other, formerSecrets: [secret] })).report.fault).toBeUndefined();
  const wrong = await verify({ secret: other });
  expect(wrong.report.fault).toBeDefined();
  expect(wrong.report).not.toHaveProperty("anchor");
  expect(wrong.secretId).not.toBe(secretId);

  const redis = await openRedis();
  const text = (await redis.lindex(keys.audit(channel), 0)) ?? "";
  await redis.lset(keys.audit(channel), 0, text.replace("token.created", "token.renewed"));
  expect((await verify({ secret })).report.fault).toBeDefined();
  const { report: none } = await verify({ secret });
  expect(none).not.toHaveProperty("anchor");
});

it("of a channel without a log there is nothing to list and nothing wrong", async () => {
  const { config, channel } = await setUpApp();
  const reports = await openAuditReports({ config } as never);
  expect(await reports.list(channel)).toEqual([]);
  expect(await reports.verify(channel, undefined)).toEqual({ channel, good: 0 });
  await reports.close();
});
