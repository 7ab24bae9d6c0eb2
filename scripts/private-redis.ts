import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claimPort } from "./claim-port.ts";
import { ensureRedisProgram, REDIS_IMAGE, type RedisProgram } from "./redis-program.ts";

export interface RedisOptions {
  /** Default `everysec`; `always` is what production uses. */
  appendfsync?: "everysec" | "always";
  /** Further settings, as on redis-server's command line: `["--maxmemory", "8mb"]`. Later ones win. */
  config?: string[];
  /** Gets a line for whatever takes long. Default: stderr. */
  say?: (line: string) => void;
}

export interface RunningRedis {
  url: string;
  /** Ends a private Redis and removes its folder; leaves a Redis of REDIS_URL alone. */
  stop(): Promise<void>;
}

/** A Redis of our own on a free loopback port. It ends with this process, however that ends. */
export interface PrivateRedis extends RunningRedis {
  port: number;
  /** SIGKILL, as a power cut would. The folder stays. */
  kill(): Promise<void>;
  /** Starts again on the same port and folder; resolves once the append-only file is loaded. */
  restart(): Promise<void>;
}

/** REDIS_URL if set, else a private Redis. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const given = process.env["REDIS_URL"];
  if (given) return { url: given, stop: async () => undefined };
  return startPrivateRedis(options);
}

/** Always a private Redis, for tests that kill it or need their own settings. Installs Redis where it is missing. */
export async function startPrivateRedis(options: RedisOptions = {}): Promise<PrivateRedis> {
  const say = options.say ?? ((line: string) => process.stderr.write(`redis: ${line}\n`));
  const program = await ensureRedisProgram(say);
  const port = await claimPort();
  const server = program.kind === "docker" ? inDocker(port, options) : onHost(program, port, options);
  try {
    await server.start();
    return handle(server, port);
  } catch (error) {
    await server.remove();
    throw error;
  }
}

interface Server {
  start(): Promise<void>;
  kill(): Promise<void>;
  remove(): Promise<void>;
}

function handle(server: Server, port: number): PrivateRedis {
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: () => server.remove(),
    kill: () => server.kill(),
    restart: () => server.start(),
  };
}

function settings(options: RedisOptions): string[] {
  const fsync = options.appendfsync ?? "everysec";
  return [
    ...["--appendonly", "yes", "--appendfsync", fsync, "--maxmemory-policy", "noeviction", "--save", ""],
    ...(options.config ?? []),
  ];
}

function onHost(program: RedisProgram & { kind: "program" }, port: number, options: RedisOptions): Server {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-redis-"));
  const pidFile = join(folder, "redis.pid");
  const logFile = join(folder, "redis.log");
  const fixed = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder];
  const args = [...fixed, "--pidfile", pidFile, "--logfile", logFile, ...settings(options)];
  const guard = startGuard('[ -f "$1/redis.pid" ] && kill -9 "$(cat "$1/redis.pid")"; rm -rf "$1"', folder);
  let child: ChildProcess | undefined;

  async function end(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "exit");
    child.ref();
    child.kill("SIGKILL");
    await closed;
    rmSync(pidFile, { force: true });
  }

  return {
    async start() {
      // A group of its own: Ctrl-C in the terminal must reach us first, so that we can finish what we do with it.
      const server = spawn(program.path, args, { stdio: "ignore", detached: true });
      child = server;
      server.on("error", () => undefined);
      server.unref();
      const ended = () => server.exitCode !== null || server.signalCode !== null || server.pid === undefined;
      if (!(await answers(port, ended))) throw new Error(`redis-server did not start: ${lastLines(logFile)}`);
    },
    kill: end,
    async remove() {
      // Not SIGTERM, which a replica refuses that still writes its first append-only file ("Can't exit").
      await end();
      rmSync(folder, { recursive: true, force: true });
      guard();
    },
  };
}

function inDocker(port: number, options: RedisOptions): Server {
  const name = `deskferry-redis-${process.pid}-${port}`;
  const guard = startGuard('docker rm --force --volumes "$1" >/dev/null 2>&1', name);
  let created = false;
  return {
    async start() {
      const create = ["run", "--detach", "--name", name, "--publish", `127.0.0.1:${port}:6379`, REDIS_IMAGE];
      docker(created ? ["start", name] : [...create, "redis-server", ...settings(options)]);
      created = true;
      if (!(await answers(port, () => false))) throw new Error(`the container ${name} does not answer`);
    },
    async kill() {
      docker(["kill", name]);
    },
    async remove() {
      spawnSync("docker", ["rm", "--force", "--volumes", name], { stdio: "ignore" });
      guard();
    },
  };
}

function docker(args: string[]): void {
  const done = spawnSync("docker", args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`docker ${args[0]} failed: ${done.stderr.trim()}`);
}

/**
 * Runs `script` once this process is gone, even by SIGKILL: the guard waits for the end of a pipe that only we hold.
 * Returns the function that lets it run now.
 */
function startGuard(script: string, argument: string): () => void {
  const guard = spawn("sh", ["-c", `cat >/dev/null; ${script}`, "sh", argument], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  if (guard.stdin instanceof net.Socket) guard.stdin.unref();
  return () => guard.stdin?.end();
}

/** True once PING is answered with PONG; false when `ended` or after 30 s. Loading an append-only file takes time. */
async function answers(port: number, ended: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && !ended()) {
    if (await ping(port)) return true;
    await sleep(20);
  }
  return false;
}

function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const finish = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(2000, () => finish(false));
    socket.on("data", (answer) => finish(answer.toString().startsWith("+PONG")));
    socket.on("error", () => finish(false));
    socket.on("close", () => finish(false));
  });
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-3).join(" | ");
  } catch {
    return "it wrote no log";
  }
}
