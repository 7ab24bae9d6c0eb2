import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { call, startCallback } from "./callback-server.ts";
import { ANA, text } from "./graph-setup.ts";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Runs a sandbox server as a process of its own; its address, and how it ended once it has. */
async function start(...args: string[]) {
  const script = `import { emulateCommand } from "./src/cli/commands/emulate.ts"; await emulateCommand().parseAsync(process.argv.slice(1), { from: "user" });`;
  const flags = ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", script, "--"];
  const child = spawn(process.execPath, [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const { listening } = JSON.parse(String(value)) as { listening: string };
  return { url: listening, child, ended };
}

test("graph and desk run as processes of their own, say where, and exit 0 on SIGTERM", async () => {
  const callback = await startCallback();
  const [graph, desk] = await Promise.all([
    start("graph", "--callback", callback.url, "--token", "t", "--statuses", "sent=0"),
    start("desk", "--token", "d", "--external-ids", "unique"),
  ]);
  await call(`${graph.url}/sandbox/messages`, { json: { person: ANA, text: "hello", wait: true } });
  expect(callback.caught).toHaveLength(1);
  const answer = await call(`${graph.url}/v26.0/106540352242922/messages`, { token: "t", json: text("hi") });
  expect(answer.status).toBe(200);
  const account = await call(`${desk.url}/api/account`, { token: "d" });
  expect(account.body).toMatchObject({ id: "api", external_ids: "unique" });
  graph.child.kill("SIGTERM");
  desk.child.kill("SIGTERM");
  expect(await Promise.all([graph.ended, desk.ended])).toEqual([0, 0]);
  await callback.stop();
});
