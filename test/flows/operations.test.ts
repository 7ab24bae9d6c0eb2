import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { eventKey } from "../../src/domain/trace.ts";
import { connectRedis } from "../../src/store/connection.ts";
import { keys } from "../../src/store/keys.ts";
import { commandLine } from "../support/command-line.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const phone = "+447700900171";
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ redisUrl: redisUrl(), name: `operations-${process.pid}` });
  await stack.start("all");
});
afterAll(() => stack.stop());

/** `deskferry ARGS… --config` of the stack, as an operator types it. */
async function deskferry(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...commandLine, ...args, "--config", stack.config]);
  return stdout;
}

async function write(text: string): Promise<string> {
  const answer = await stack.graph("POST", "/messages", { person: { phone }, text, wait: true });
  return (answer as { wamids: string[] }).wamids[0] ?? "";
}

async function bodies(): Promise<string[]> {
  const { tickets } = await stack.deskLedger();
  return tickets.flatMap(({ comments }) => comments.map(({ body }) => body));
}

it("check finds everything in order", async () => {
  expect(await deskferry("check")).toContain("All is well.");
});

it("check --show prints the settings in force without their secrets", async () => {
  const shown = await deskferry("check", "--show");
  expect(JSON.parse(shown)).toMatchObject({ queue: { crashLimit: 5 } });
  expect(shown).not.toContain("app-secret");
  expect(shown).not.toContain("graph-token");
});

it("trace tells what happened to a message, by WhatsApp's id and by the id of log lines, without its content", async () => {
  const wamid = await write("The bins were not collected");
  await until("the comment", async () => (await bodies()).length === 1);
  const told = await deskferry("trace", wamid);
  const steps = told
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ +/)[2]);
  expect(steps).toEqual(["accepted", "contact.ensured", "ticket.ensured", "comment.added"]);
  expect(await deskferry("trace", eventKey(wamid))).toBe(told);
  expect(told).not.toMatch(/bins|7700900171/);
  await expect(deskferry("trace", "wamid.unknown")).rejects.toMatchObject({ code: 1 });
});

it("a message that the helpdesk refuses is listed as dead, replayed once, and arrives", async () => {
  await stack.desk("POST", "/faults", { operation: "comment.add", status: 422, times: 1 });
  await write("refused at first");
  const listed = await until("the dead letter", async () => (await deskferry("dead", "list")).trimEnd());
  expect(listed).toMatch(/^[0-9a-f]{20} .* in {2}message\.received {2}rejected {2}/);
  expect(listed).not.toMatch(/refused at first|7700900171/);
  const [id = ""] = listed.split(" ");

  expect(await deskferry("dead", "replay", id)).toBe("1 replayed\n");
  await until("the comment", async () => (await bodies()).some((body) => body.includes("refused at first")));
  expect(await deskferry("dead", "list")).toBe("");
  await expect(deskferry("dead", "replay", id)).rejects.toMatchObject({ code: 1, stdout: "0 replayed\n" });
  expect(await deskferry("dead", "replay", "--all", "--per-second", "5")).toBe("0 replayed\n");
  for (const wrong of [[], [id, "--all"]])
    await expect(deskferry("dead", "replay", ...wrong)).rejects.toMatchObject({ stdout: "" });
});

it("what is signed but not understood is kept, listed by reason, shown when asked for, and cleared", async () => {
  await stack.graph("POST", "/changes", {
    value: {
      statuses: [{ id: "wamid.X", status: "beamed", timestamp: "1767225600", recipient_id: "447700900171" }],
    },
  });
  const listed = await until("the quarantine", async () => (await deskferry("quarantine", "list")).trimEnd());
  expect(listed).toMatch(/^operations-\d+ {2}1 {2}\S/);
  expect(listed).not.toContain("7700900171");
  expect(JSON.parse(await deskferry("quarantine", "show"))).toMatchObject({ payload: expect.anything() });
  expect(await deskferry("quarantine", "clear")).toMatch(/: 1 forgotten\n$/);
  expect(await deskferry("quarantine", "list")).toBe("");
});

it("the audit log has who did all that, is found whole, and names an entry that was changed", async () => {
  const channel = `operations-${process.pid}`;
  const listed = (await deskferry("audit", "list")).trimEnd().split("\n");
  const acts = listed.map((line) => line.split(/ {2}/).slice(3, 5).join(" "));
  const me = `user:${userInfo().username}`;
  expect(acts).toEqual([
    "system process.started",
    "system templates.synced",
    `${me} dead.replayed`,
    `${me} quarantine.shown`,
    `${me} quarantine.cleared`,
  ]);
  expect(listed.join("\n")).not.toMatch(/refused at first|7700900171|wamid/);
  expect(await deskferry("audit", "list", "--what", "dead", "--channel", channel)).toBe(`${listed[2]}\n`);

  const verified = await deskferry("audit", "verify");
  expect(verified).toContain(`ok    channels.${channel}\n      5 entries are as they were made`);
  expect(verified).toContain("There is no audit.secret");
  const [anchor = ""] = /\S+:5:[0-9a-f]{64}/.exec(verified) ?? [];
  expect(await deskferry("audit", "verify", "--anchor", anchor)).toContain("ok ");

  const redis = await connectRedis(redisUrl(), "worker");
  const third = (await redis.lindex(keys.audit(channel), 2)) ?? "";
  await redis.lset(keys.audit(channel), 2, third.replace(me, "user:eve"));
  await expect(deskferry("audit", "verify")).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`FAIL  channels.${channel}\n      entry 3 was changed`),
  });
  await redis.lset(keys.audit(channel), 2, third);
  redis.disconnect();
  const other = anchor.replace(/[0-9a-f]$/, (digit) => (digit === "0" ? "1" : "0"));
  await expect(deskferry("audit", "verify", "--anchor", other)).rejects.toMatchObject({
    stdout: expect.stringContaining("entry 5 is not the one that was noted"),
  });
});
