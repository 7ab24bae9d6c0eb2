import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ensureRedisProgram } from "../scripts/redis-program.ts";

/** A PATH of our own making: the machine's real programs are out of sight. */
let folder: string;
const said: string[] = [];
const say = (line: string) => said.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deskferry-path-"));
  mkdirSync(join(folder, "bin"));
  vi.stubEnv("PATH", join(folder, "bin"));
  said.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string, script: string): void {
  const path = join(folder, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const installs = `echo '#!/bin/sh' >"${"$"}{0%/*}/redis-server"; /bin/chmod 755 "${"$"}{0%/*}/redis-server"`;

test("a redis-server that is there is used as it is", async () => {
  program("redis-server", "");
  expect(await ensureRedisProgram(say)).toEqual({ kind: "program", path: join(folder, "bin/redis-server") });
  expect(said).toEqual([]);
});

test("a missing redis-server is installed with apt-get, and it says so", async () => {
  program("sudo", 'shift; [ "$1" = true ] || exec "$@"');
  program("apt-get", `case "$*" in *"install -y"*redis-server*) ${installs};; esac`);
  expect(await ensureRedisProgram(say)).toEqual({ kind: "program", path: join(folder, "bin/redis-server") });
  expect(said.join("\n")).toMatch(/running: .*apt-get .*install .*redis-server/);
});

test("old package lists are renewed before a second try", async () => {
  program("sudo", 'shift; [ "$1" = true ] || exec "$@"');
  const lists = join(folder, "lists-are-new");
  program(
    "apt-get",
    `case "$*" in *update*) : >"${lists}";; *) [ -e "${lists}" ] || { echo 404; exit 100; }; ${installs};; esac`,
  );
  expect(await ensureRedisProgram(say)).toMatchObject({ kind: "program" });
  expect(said.join("\n")).toMatch(/update/);
});

test("Homebrew and Docker come next", async () => {
  program("docker", "exit 0");
  expect(await ensureRedisProgram(say)).toEqual({ kind: "docker" });
  program("brew", installs);
  expect(await ensureRedisProgram(say)).toEqual({ kind: "program", path: join(folder, "bin/redis-server") });
});

test("where nothing can install it, one line tells what to do", async () => {
  await expect(ensureRedisProgram(say)).rejects.toThrow(
    /^Redis is missing\. Install it .*apt-get install redis-server.*or set REDIS_URL/,
  );
});
