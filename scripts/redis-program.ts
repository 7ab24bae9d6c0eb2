import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How a private Redis can be run here: a program on this machine, or Docker's image. */
export type RedisProgram = { kind: "program"; path: string } | { kind: "docker" };

export const REDIS_IMAGE = "redis:7-alpine";

const REMEDY =
  "Redis is missing. Install it (Debian, Ubuntu: apt-get install redis-server · macOS: brew install redis) " +
  "or set REDIS_URL to a running one.";

/** Finds redis-server, else installs it. Throws an error whose message is one line with the remedy. */
export async function ensureRedisProgram(say: (line: string) => void): Promise<RedisProgram> {
  const present = findRedis();
  if (present) return { kind: "program", path: present };
  for (const install of [installWithApt, installWithBrew]) {
    await install(say);
    const path = findRedis();
    if (path) return { kind: "program", path };
  }
  if (succeeds("docker", ["info"])) {
    say(`redis-server is missing and cannot be installed here; using Docker's ${REDIS_IMAGE}`);
    await run(say, ["docker", "pull", "--quiet", REDIS_IMAGE]);
    return { kind: "docker" };
  }
  throw new Error(REMEDY);
}

function findRedis(): string | undefined {
  return findProgram("redis-server") ?? findProgram("valkey-server");
}

function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function installWithApt(say: (line: string) => void): Promise<void> {
  if (!findProgram("apt-get")) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !succeeds("sudo", ["-n", "true"])) return;
  const prefix = isRoot ? ["/usr/bin/env"] : ["sudo", "-n", "/usr/bin/env"];
  const apt = [
    ...prefix,
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-qq",
    "-o",
    "DPkg::Lock::Timeout=120",
  ];
  const install = [...apt, "install", "-y", "--no-install-recommends", "redis-server"];
  const fresh = !hasPackageLists();
  if (fresh) await run(say, [...apt, "update"]);
  if (await run(say, install)) return;
  // Old lists point at packages that the mirror has replaced since.
  if (!fresh && (await run(say, [...apt, "update"]))) await run(say, install);
}

function hasPackageLists(): boolean {
  try {
    return readdirSync("/var/lib/apt/lists").some((name) => name.includes("_Packages"));
  } catch {
    return false;
  }
}

async function installWithBrew(say: (line: string) => void): Promise<void> {
  if (findProgram("brew")) await run(say, ["brew", "install", "redis"]);
}

function succeeds(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore", timeout: 20_000 }).status === 0;
}

/** Runs quietly; says what, every ten seconds that it goes on, and on failure the last lines it printed. */
async function run(say: (line: string) => void, command: string[]): Promise<boolean> {
  const [program = "", ...args] = command;
  const shown = command
    .filter((word) => !["/usr/bin/env", "DEBIAN_FRONTEND=noninteractive"].includes(word))
    .join(" ");
  say(`running: ${shown}`);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const beat = setInterval(() => say(`still running after ${seconds()} s: ${shown}`), 10_000);
  let output = "";
  const status = await new Promise<number>((resolve) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4000);
      });
    }
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
  clearInterval(beat);
  if (status !== 0) say(`failed after ${seconds()} s (exit code ${status}): ${shown}\n${output.trimEnd()}`);
  return status === 0;
}
