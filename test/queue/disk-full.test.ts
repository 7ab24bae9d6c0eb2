import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { claimPort } from "../../scripts/claim-port.ts";
import { ensureRedisProgram } from "../../scripts/redis-program.ts";
import { delivery, messageReceived } from "../support/builders.ts";
import { openRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";
import { createLedger, openQueue, work } from "./running-queue.ts";

/** As a full disk: a file that would grow over this is refused. Blocks of 512 bytes. */
const BLOCKS = 2048;
const program = await ensureRedisProgram(() => undefined);
const canLimit = program.kind === "program" && spawnSync("prlimit", ["--version"]).status === 0;

/** A Redis whose append-only file may grow to 1 MB. */
async function startOnSmallDisk(appendfsync: "always" | "everysec") {
  const folder = mkdtempSync(join(tmpdir(), "deskferry-full-"));
  const port = await claimPort();
  const args = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", folder, "--save", ""];
  const settings = ["--appendonly", "yes", "--appendfsync", appendfsync, "--maxmemory-policy", "noeviction"];
  let child: ChildProcess | undefined;
  const start = async (blocks: number | "unlimited") => {
    const path = program.kind === "program" ? program.path : "";
    const script = `trap '' XFSZ; ulimit -S -f ${blocks}; exec "$0" "$@"`;
    child = spawn("sh", ["-c", script, path, ...args, ...settings], { stdio: "ignore" });
    await until("Redis", () => openRedis("worker", `redis://127.0.0.1:${port}`));
  };
  onTestFinished(() => {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  await start(BLOCKS);
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    hasEnded: () => child?.exitCode !== null,
    /** Somebody makes room. */
    makeRoom: () =>
      expect(spawnSync("prlimit", ["--pid", `${child?.pid}`, "--fsize=unlimited:"]).status).toBe(0),
  };
}

/** Until it is refused, five times at least; the ids that were taken in. */
async function fill(queue: Awaited<ReturnType<typeof openQueue>>): Promise<string[]> {
  const taken: string[] = [];
  const text = "The street light is broken. ".repeat(40);
  for (let refused = 0, n = 0; refused < 5 && n < 3000; n++) {
    const id = `m${n}`;
    const event = messageReceived({ id, message: { text } });
    await queue.intake.accept([delivery(queue.channel, event, { id: `p${n % 7}` })]).then(
      () => taken.push(id),
      () => refused++,
    );
  }
  expect(taken.length).toBeGreaterThan(50);
  expect(taken.length).toBeLessThan(3000);
  return taken;
}

describe.skipIf(!canLimit)("O09: the disk of Redis is full", { timeout: 60_000 }, () => {
  test("webhooks are refused at once; with room again all that was taken in is handled, and the next is taken in", async () => {
    const disk = await startOnSmallDisk("everysec");
    const queue = await openQueue({ url: disk.url, channels: ["full"] });
    const taken = await fill(queue);
    disk.makeRoom();
    const next = messageReceived({ id: "next" });
    const accept = () => queue.intake.accept([delivery(queue.channel, next, { id: "p1" })]);
    await until("room to be seen", () => accept().then(() => true));
    const ledger = createLedger();
    work(queue, ledger.handle);
    await until("all to be handled", () => ledger.handled.length >= taken.length + 1, { withinMs: 15_000 });
    const handled = ledger.handled.map(({ id }) => id);
    expect(taken.filter((id) => !handled.includes(id))).toEqual([]);
    expect(new Set(handled).size).toBe(handled.length);
  });

  test("with appendfsync always Redis ends rather than promise what it cannot write; started with room it has all that was taken in", async () => {
    const disk = await startOnSmallDisk("always");
    const queue = await openQueue({ url: disk.url, channels: ["full"] });
    const taken = await fill(queue);
    await until("its end", () => disk.hasEnded());
    await disk.start("unlimited");
    const ledger = createLedger();
    work(queue, ledger.handle);
    await until("all to be handled", () => ledger.handled.length >= taken.length, { withinMs: 15_000 });
    const handled = ledger.handled.map(({ id }) => id);
    expect(taken.filter((id) => !handled.includes(id))).toEqual([]);
  });
});
