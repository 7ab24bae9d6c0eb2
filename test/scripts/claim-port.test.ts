import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { claimPort, PORTS } from "../../scripts/claim-port.ts";

const url = new URL("../../scripts/claim-port.ts", import.meta.url).href;

/** Draws these ports, one after the other, and then gives up. */
function drawing(...ports: number[]): () => number {
  return () => {
    const port = ports.shift();
    if (port === undefined) throw new Error("none of them");
    return port;
  };
}

/** Another process that claims a port, and lives until it is killed. */
async function claimElsewhere(): Promise<{ port: number; child: ChildProcess }> {
  const code = `import { claimPort } from "${url}"; console.log(await claimPort()); setInterval(() => {}, 1000);`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  return { port: Number(printed.toString()), child };
}

test("a claimed port is claimed by nobody else, in this process or in another, until its process ends", async () => {
  const mine = await claimPort();
  const { port: theirs, child } = await claimElsewhere();
  await expect(claimPort(drawing(mine, theirs))).rejects.toThrow("none of them");
  child.kill("SIGKILL");
  await once(child, "close");
  expect(await claimPort(drawing(mine, theirs))).toBe(theirs);
});

test("a port on which somebody listens who claimed nothing is passed over", async () => {
  const { port, child } = await claimElsewhere();
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  child.kill("SIGKILL");
  await once(child, "close");
  await expect(claimPort(drawing(port))).rejects.toThrow("none of them");
});

test.skipIf(process.platform !== "linux")("no port is one that the system hands out by itself", () => {
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .trim()
    .split(/\s+/)
    .map(Number);
  expect(PORTS.from + PORTS.count).toBeLessThanOrEqual(range[0] ?? 0);
});
