import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { eventKey } from "../../src/domain/trace.ts";
import { keepArguments } from "../../src/store/kept.ts";
import { keys } from "../../src/store/keys.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { messageReceived, person } from "../support/builders.ts";
import { encryptionWith } from "../support/ciphers.ts";
import { type CommandSetup, runCommand, setUpCommands } from "./command-setup.ts";

const AT = "2026-11-02T10:00:00.000Z";

/** A message that was given up, and the id of its letter. */
async function bury({ redis, store, channel }: CommandSetup, n: number, why: object): Promise<string> {
  const event = messageReceived({ person: person(n) });
  const delivery = { channel, lane: "in" as const, event, person: { seen: person(n) } };
  const [, whose] = (await runScript(redis, "append", appendArguments(delivery))) as [number, string];
  const place = { channel, lane: "in" as const, person: whose };
  const head = await store.mailboxes.begin(place);
  if (!head) throw new Error("nothing waits");
  await store.mailboxes.bury(place, head, { kind: "rejected", reason: "too long", at: AT, ...why });
  return eventKey(`in/${event.id}`);
}

const idsIn = (out: string) =>
  out
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("  ")[0]);

describe("deskferry dead", () => {
  it("lists a line each without contents, and only those that are asked for", async () => {
    const setup = await setUpCommands();
    const mapping = "ticket@3f2a";
    const [first, second] = [
      await bury(setup, 1, {}),
      await bury(setup, 2, { kind: "record", reason: "mappings/x.jsonata: no subject", mapping }),
    ];
    const { out, code } = await setup.deskferry("dead", "list");
    expect(out.trimEnd().split("\n").sort()).toEqual(
      [
        `${first}  ${AT}  ${setup.channel}  in  message.received  rejected  too long`,
        `${second}  ${AT}  ${setup.channel}  in  message.received  record  mappings/x.jsonata: no subject  ${mapping}`,
      ].sort(),
    );
    expect(code).toBe(0);
    const listed = async (...args: string[]) => idsIn((await setup.deskferry("dead", "list", ...args)).out);
    expect(await listed("--kind", "record")).toEqual([second]);
    expect(await listed("--reason", "too")).toEqual([first]);
    expect(await listed("--kind", "record", "--reason", "too")).toEqual([]);
  });

  it("replays by id, by kind or all, tells how many, and fails for an id that is not there", async () => {
    const setup = await setUpCommands();
    const ids = [
      await bury(setup, 1, {}),
      await bury(setup, 2, {}),
      await bury(setup, 3, { kind: "record" }),
      await bury(setup, 4, { kind: "record" }),
    ];
    const replay = async (...args: string[]) => {
      const { out, code } = await setup.deskferry("dead", "replay", ...args, "--per-second", "1000");
      return [out, code];
    };
    expect(await replay(ids[0] ?? "")).toEqual(["1 replayed\n", 0]);
    expect(await replay(ids[0] ?? "")).toEqual(["0 replayed\n", 1]);
    expect(await replay("--kind", "record")).toEqual(["2 replayed\n", 0]);
    expect(await replay("--all")).toEqual(["1 replayed\n", 0]);
    expect(await setup.store.deadLetters.count(setup.channel)).toBe(0);
    expect(await setup.redis.smembers(keys.pending(setup.channel, "in"))).toHaveLength(4);
  });

  it("wants one way of saying which, and a speed above nothing, before it does anything", async () => {
    const setup = await setUpCommands();
    const id = await bury(setup, 1, {});
    const wrong = [[], [id, "--all"], [id, "--reason", "too"], ["--all", "--kind", "rejected"]];
    for (const args of wrong) {
      const { code, err } = await setup.deskferry("dead", "replay", ...args);
      expect([code, err]).toEqual([2, "Give ids, or --kind and --reason, or --all.\n"]);
    }
    for (const count of ["0", "-1", "x"]) {
      const { code, err } = await setup.deskferry("dead", "replay", "--all", `--per-second=${count}`);
      expect([code, err]).toEqual([1, expect.stringContaining("Give a number above 0.")]);
    }
    expect(await setup.store.deadLetters.count(setup.channel)).toBe(1);
  });

  it("discards for good what is named, and fails for an id that is not there", async () => {
    const setup = await setUpCommands();
    const id = await bury(setup, 1, {});
    await bury(setup, 2, {});
    expect(await setup.deskferry("dead", "discard", id, "nobody")).toMatchObject({
      out: "1 discarded\n",
      code: 1,
    });
    expect(await setup.store.deadLetters.count(setup.channel)).toBe(1);
    const entries = (await setup.deskferry("audit", "list", "--what", "dead")).out;
    expect(entries).toContain(`user:${userInfo().username}  dead.discarded  letter=${id}`);
  });
});

describe("deskferry quarantine", () => {
  const keep = ({ redis, channel }: CommandSetup, reason: string, id: string) =>
    runScript(
      redis,
      "keep",
      keepArguments({ channel, list: "quarantine", id, content: { reason, payload: { id }, at: AT } }),
    );

  it("counts by reason, shows all as JSON, and forgets what is there", async () => {
    const setup = await setUpCommands();
    const { channel } = setup;
    expect(await setup.deskferry("quarantine", "list")).toEqual({ code: 0, out: "", err: "" });
    await keep(setup, "an unknown status", "a");
    await keep(setup, "an unknown status", "b");
    await keep(setup, "no type", "c");
    expect((await setup.deskferry("quarantine", "list")).out).toBe(
      `${channel}  2  an unknown status\n${channel}  1  no type\n`,
    );
    const { out } = await setup.deskferry("quarantine", "show");
    const shown = out.trimEnd().split("\n");
    expect(shown.map((line) => JSON.parse(line).payload.id)).toEqual(["a", "b", "c"]);
    expect(JSON.parse(shown[0] ?? "")).toEqual({
      channel,
      reason: "an unknown status",
      payload: { id: "a" },
      at: AT,
    });
    expect((await setup.deskferry("quarantine", "clear")).out).toBe(`${channel}: 3 forgotten\n`);
    expect((await setup.deskferry("quarantine", "list")).out).toBe("");
    const acts = (await setup.deskferry("audit", "list")).out;
    expect(acts).toMatch(/quarantine\.shown {2}payloads=3\n.*quarantine\.cleared {2}payloads=3\n$/);
  });
});

describe("deskferry token", () => {
  it("makes one that is shown once, lists it without its secret, and revokes it by itself", async () => {
    const setup = await setUpCommands();
    const made = await setup.deskferry("token", "create", "--scope", "metrics:read", "--days", "2");
    const token = made.out.trimEnd();
    expect(token).toMatch(/^dfy_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
    const [, ends = ""] = /It ends (\S+)\.\n$/.exec(made.err) ?? [];
    expect((Date.parse(ends) - Date.now()) / 86_400_000).toBeCloseTo(2, 2);
    const [, id = ""] = token.split("_");
    const line = (await setup.deskferry("token", "list")).out.split("\n").find((one) => one.startsWith(id));
    expect(line).toMatch(/ {2}metrics:read {2}\S+Z {2}\S+Z {2}never$/);
    expect(line).not.toContain(token.slice(-43));
    expect(await setup.deskferry("token", "revoke", token)).toMatchObject({ out: "1 revoked\n", code: 0 });
    expect(await setup.deskferry("token", "revoke", id)).toMatchObject({ out: "0 revoked\n", code: 1 });
    expect((await setup.deskferry("token", "list")).out).not.toContain(id);
  });

  it("may have several scopes, and lasts 90 days unless told otherwise", async () => {
    const setup = await setUpCommands();
    const both = ["--scope", "metrics:read", "--scope", "health:read"];
    const { out, err } = await setup.deskferry("token", "create", ...both);
    const [, id = ""] = out.split("_");
    onTestFinished(async () => void (await setup.redis.hdel(keys.tokens(), id)));
    expect((await setup.deskferry("token", "list")).out).toContain(`${id}  metrics:read,health:read  `);
    const [, ends = ""] = /It ends (\S+)\.\n$/.exec(err) ?? [];
    expect((Date.parse(ends) - Date.now()) / 86_400_000).toBeCloseTo(90, 2);
  });

  it.each([
    [["--scope", "all"], "Choose of metrics:read, health:read."],
    [["--scope", "health:read", "--days", "0"], "Give a whole number of days, 1 to 365."],
    [["--scope", "health:read", "--days", "366"], "Give a whole number of days, 1 to 365."],
    [["--scope", "health:read", "--days", "1.5"], "Give a whole number of days, 1 to 365."],
    [[], "required option '--scope <scope>' not specified"],
  ])("%j is refused", async (args, says) => {
    const setup = await setUpCommands();
    const { code, err, out } = await setup.deskferry("token", "create", ...args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(says);
  });
});

describe("deskferry trace", () => {
  it("tells the steps of an event by either id, and fails for one of which nothing is known", async () => {
    const setup = await setUpCommands();
    const { store, channel } = setup;
    const event = eventKey("wamid.1");
    await store.traces.add({ at: AT, event, channel, person: "ada", step: "accepted", detail: {} });
    const detail = { ticket: "7", class: "A" };
    await store.traces.add({ at: AT, event, channel, person: "ada", step: "ticket.ensured", detail });
    const told = `${AT}  ${channel}  accepted       \n${AT}  ${channel}  ticket.ensured   ticket=7  class=A\n`;
    expect(await setup.deskferry("trace", "wamid.1")).toEqual({ code: 0, out: told, err: "" });
    expect((await setup.deskferry("trace", event)).out).toBe(told);
    expect(await setup.deskferry("trace", "wamid.2")).toEqual({
      code: 1,
      out: "",
      err: "Nothing is known of this event; the newest 20,000 entries a channel are kept.\n",
    });
  });
});

describe("deskferry audit", () => {
  it("lists what is asked for, and finds an entry that was changed", async () => {
    const setup = await setUpCommands();
    const { channel, redis } = setup;
    expect((await setup.deskferry("audit", "verify")).out).toContain(
      `ok    channels.${channel}\n      there are no entries: nothing has happened yet, or all is gone\n`,
    );
    const { out: token } = await setup.deskferry("token", "create", "--scope", "health:read");
    const [, id = ""] = token.split("_");
    await setup.deskferry("token", "revoke", id);
    const acts = async (...args: string[]) => {
      const { out } = await setup.deskferry("audit", "list", ...args);
      return out
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split("  ")[4]);
    };
    expect(await acts()).toEqual(["token.created", "token.revoked"]);
    expect(await acts("--what", "token.revoked")).toEqual(["token.revoked"]);
    expect(await acts("--what", "tok")).toEqual([]);
    expect(await acts("--channel", "other")).toEqual([]);
    expect(await acts("--since", "2000-01-01")).toHaveLength(2);
    expect(await acts("--since", "2999-01-01")).toEqual([]);

    const good = await setup.deskferry("audit", "verify");
    expect(good.code).toBe(0);
    expect(good.out).toContain("2 entries are as they were made; the log has ");
    expect(good.out).toContain("There is no audit.secret");
    const [anchor = ""] = /\S+:2:[0-9a-f]{64}/.exec(good.out) ?? [];
    expect((await setup.deskferry("audit", "verify", "--anchor", anchor)).code).toBe(0);
    const elsewhere = anchor.replace(channel, "other");
    expect(await setup.deskferry("audit", "verify", "--anchor", elsewhere)).toMatchObject({
      code: 1,
      err: "The settings know no channel other, which --anchor names.\n",
    });
    expect((await setup.deskferry("audit", "verify", "--anchor", "x:0:y")).err).toContain(
      "Give it as `deskferry audit verify` printed it.",
    );
    const first = (await redis.lindex(keys.audit(channel), 0)) ?? "";
    await redis.lset(keys.audit(channel), 0, first.replace("token.created", "token.renewed"));
    const bad = await setup.deskferry("audit", "verify");
    expect(bad.code).toBe(1);
    expect(bad.out).toContain(`FAIL  channels.${channel}\n      entry 1 was changed`);
  });
});

describe("deskferry keys", () => {
  it("makes a content key with the day in its id, or a name key", async () => {
    const [key, name] = [await runCommand(["keys", "new"]), await runCommand(["keys", "new", "--name"])];
    expect(key.out).toMatch(/^\S*\d{4}-?\d{2}-?\d{2}\S*:[A-Za-z0-9+/]{43}=\n$/);
    expect(name.out).toMatch(/^[0-9a-f]{64}\n$/);
    expect((await runCommand(["keys", "new"])).out).not.toBe(key.out);
  });

  it("lists nothing without encryption, and waits for a number of seconds only", async () => {
    const plain = await setUpCommands();
    await expect(plain.deskferry("keys", "list")).rejects.toThrow("the settings have no `encryption`");
    const setup = await setUpCommands({ encryption: encryptionWith(1) });
    expect(await setup.deskferry("keys", "rotate", "--wait-seconds", "-1")).toMatchObject({
      code: 2,
      err: "--wait-seconds takes a number of seconds.\n",
    });
  });
});

describe("deskferry health", () => {
  /** A Deskferry that answers so. */
  async function answering(status: number) {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url, headers }, response) => {
      asked.push(url, headers.authorization);
      response.writeHead(status).end(`it is ${status}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return { port: String((server.address() as AddressInfo).port), asked };
  }

  it("says what it answers, and fails unless that is good", async () => {
    const [good, bad] = [await answering(200), await answering(503)];
    expect(await runCommand(["health", "--port", good.port])).toEqual({
      code: 0,
      out: "it is 200\n",
      err: "",
    });
    expect(good.asked).toEqual(["/health/ready", undefined]);
    expect(await runCommand(["health", "--port", bad.port])).toMatchObject({ code: 1, out: "it is 503\n" });
    expect(await runCommand(["health", "--port", "9"])).toMatchObject({ code: 1, out: "no answer\n" });
  });

  it("shows a token that it is given", async () => {
    vi.stubEnv("DESKFERRY_TOKEN", "dfy_it");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { port, asked } = await answering(200);
    await runCommand(["health", "--port", port]);
    expect(asked).toEqual(["/health/ready", "Bearer dfy_it"]);
  });
});

describe("deskferry check", () => {
  it("--show prints the settings in force without their secrets", async () => {
    const { deskferry, channel } = await setUpCommands();
    const { out, code } = await deskferry("check", "--show");
    expect(JSON.parse(out)).toMatchObject({
      channels: { [channel]: { type: "meta" } },
      queue: { crashLimit: 5 },
    });
    expect(out).not.toMatch(/app-secret|graph-token|desk-token/);
    expect(code).toBe(0);
  });
});
