import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import net from "node:net";
import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";
import { type PrivateRedis, startPrivateRedis } from "../scripts/private-redis.ts";

const started: PrivateRedis[] = [];
afterEach(async () => {
  for (const redis of started.splice(0)) await redis.stop();
});

async function start(options = {}): Promise<PrivateRedis> {
  const redis = await startPrivateRedis(options);
  started.push(redis);
  return redis;
}

async function ask<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { retryStrategy: () => null });
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

test("a private Redis keeps to the settings that start-up demands, and takes further ones", async () => {
  const redis = await start({ appendfsync: "always", config: ["--maxmemory", "64mb"] });
  const settings = await ask(redis.url, (client) => client.config("GET", "*"));
  const pairs = Object.fromEntries(toPairs(settings as string[] | Record<string, string>));
  expect(pairs).toMatchObject({
    appendonly: "yes",
    appendfsync: "always",
    "maxmemory-policy": "noeviction",
    save: "",
    maxmemory: `${64 * 1024 * 1024}`,
    bind: "127.0.0.1",
  });
});

function toPairs(answer: string[] | Record<string, string>): [string, string][] {
  if (!Array.isArray(answer)) return Object.entries(answer);
  return answer.flatMap((name, at) =>
    at % 2 === 0 ? [[name, answer[at + 1] ?? ""] as [string, string]] : [],
  );
}

test("what was acknowledged survives SIGKILL and a restart on the same port", async () => {
  const redis = await start({ appendfsync: "always" });
  await ask(redis.url, (client) => client.set("kept", "yes"));
  await redis.kill();
  expect(await isListening(redis.port)).toBe(false);
  await redis.restart();
  expect(await ask(redis.url, (client) => client.get("kept"))).toBe("yes");
});

test("it ends and cleans up with its process, even when that is killed", async () => {
  const script = `
    import { startPrivateRedis } from "${new URL("../scripts/private-redis.ts", import.meta.url).href}";
    const redis = await startPrivateRedis();
    console.log(redis.port);
    setInterval(() => {}, 1000);
  `;
  const args = ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", script];
  const owner = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(owner.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  const folder = await ask(`redis://127.0.0.1:${port}`, (client) => client.config("GET", "dir"));
  const path = Object.fromEntries(toPairs(folder as string[]))["dir"] ?? "";
  expect(existsSync(path)).toBe(true);
  owner.kill("SIGKILL");
  await vi.waitFor(
    async () => {
      expect(await isListening(port)).toBe(false);
      expect(existsSync(path)).toBe(false);
    },
    { timeout: 10_000 },
  );
});
