import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type PrivateRedis, startPrivateRedis } from "../../scripts/private-redis.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { commandLine } from "../support/command-line.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const phone = "+447700900181";
const name = `erase-${process.pid}`;
let server: PrivateRedis;
let stack: Stack;

// Of its own: the command looks through all channels of a Redis.
beforeAll(async () => {
  server = await startPrivateRedis({ say: () => undefined });
  stack = await startStack({ redisUrl: server.url, name });
  await stack.start("all");
});
afterAll(async () => {
  await stack.stop();
  await server.stop();
});

function deskferry(...args: string[]) {
  return run(process.execPath, [...commandLine, ...args, "--config", stack.config]);
}

async function tickets() {
  return (await stack.deskLedger()).tickets;
}

it("a person who wrote is exported and erased while the app runs, and begins anew when they write again", async () => {
  await stack.graph("POST", "/messages", { person: { phone }, text: "The bins are full", wait: true });
  await until("the comment", async () => (await tickets())[0]?.comments.length === 1);
  const [ticket] = await tickets();
  const exported = await deskferry("export", "--person", phone);
  expect(JSON.parse(exported.stdout).channels[name]).toMatchObject({
    person: [{ value: { phone } }],
    ticket: [{ value: { id: ticket?.id } }],
  });

  const { stdout, stderr } = await deskferry("erase", "--person", phone);
  expect(JSON.parse(stdout)).toMatchObject({
    removed: { [name]: { person: 1, ticket: 1, contact: 1 } },
    appendOnlyFile: "rewritten",
    leftInHelpdesk: [{ tickets: [ticket?.id] }],
  });
  expect(stdout + stderr).not.toMatch(/7700900181|bins/);
  expect(JSON.parse((await deskferry("export", "--person", phone)).stdout).channels).toEqual({});

  await stack.graph("POST", "/messages", { person: { phone }, text: "And again", wait: true });
  await until(
    "the second comment",
    async () => (await tickets()).flatMap(({ comments }) => comments).length === 2,
  );
});

it("what is neither a number nor a user id is refused without being repeated", async () => {
  const failed = await deskferry("erase", "--person", "07700-x").catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("--person, the 1. of 1"),
  });
  expect(String((failed as { stderr: string }).stderr)).not.toContain("07700");
});
