import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { claimPort } from "./claim-port.ts";

interface Account {
  /** Redmine's id of the user. */
  id: string;
  /** For `X-Redmine-API-Key`. */
  key: string;
}

/**
 * A real Redmine 5 on loopback, in a folder of its own, from Debian's packages:
 * `apt-get install --no-install-recommends dbconfig-no-thanks redmine-sqlite redmine puma`, in the way of `.ci/run`.
 */
export interface Redmine {
  /** e.g. `http://127.0.0.1:41234`, without a trailing slash. */
  url: string;
  /** Account of the connector, as setup.rb makes it. */
  connector: Account;
  /** A member of staff: role Manager in all projects, no administrator. */
  agent: Account;
  /** An administrator, who sees hidden fields too. */
  admin: Account;
  /** Somebody with an account who is not staff. */
  outsider: Account;
  /** Role Reporter, which may read and write but not in private. */
  reader: Account;
  /** Private projects with our fields, and one that everybody may read and write in. */
  project: string;
  otherProject: string;
  openProject: string;
  contactProject: string;
  /** Without our fields. */
  bareProject: string;
  /** Ends the server; it starts again at the same address, about 3 s. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Runs Ruby with Redmine loaded, about 3 s, and gives what it prints: for what REST cannot do. */
  ruby(code: string): Promise<string>;
  /** What the server wrote to its log, for failing tests. */
  log(): Promise<string>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

const HOME = "/usr/share/redmine";
const PUMA = "/usr/bin/puma";
const SQLITE = "/usr/share/doc/redmine-sqlite";
const SETUP = fileURLToPath(new URL("../connectors/redmine/setup.rb", import.meta.url));
const SEED = fileURLToPath(new URL("redmine.rb", import.meta.url));
const run = promisify(execFile);

/** Why no Redmine can be started here; undefined when one can. Throws instead with DESKFERRY_REQUIRE_REDMINE=1. */
export function redmineMissing(): string | undefined {
  const missing = [`${HOME}/config.ru`, PUMA, SQLITE].filter((file) => !existsSync(file));
  if (missing.length === 0) return undefined;
  const reason = `no Redmine 5 on this machine (${missing.join(", ")} missing): its tests are skipped`;
  if (process.env["DESKFERRY_REQUIRE_REDMINE"] === "1") throw new Error(reason);
  return reason;
}

/** Ready to use when it resolves: after about 4 s, the first time on a machine after 20. */
export async function startRedmine(): Promise<Redmine> {
  const prepared = await prepare();
  const folder = await mkdtemp(join(tmpdir(), "deskferry-redmine-"));
  try {
    await cp(prepared, folder, { recursive: true });
    return await start(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function start(folder: string): Promise<Redmine> {
  const port = await claimPort();
  const url = `http://127.0.0.1:${port}`;
  await configure(folder);
  const accounts = JSON.parse(await readFile(join(folder, "accounts.json"), "utf8")) as Record<
    "deskferry" | "agent" | "boss" | "outsider" | "reader",
    Account
  >;
  const serve = () => startServer({ folder, port, url, key: accounts.agent.key });
  let server = await serve();
  return {
    url,
    connector: accounts.deskferry,
    agent: accounts.agent,
    admin: accounts.boss,
    outsider: accounts.outsider,
    reader: accounts.reader,
    project: "whatsapp",
    otherProject: "elsewhere",
    openProject: "open",
    contactProject: "whatsapp-contacts",
    bareProject: "bare",
    halt: () => server.stop(),
    async resume() {
      server = await serve();
    },
    async ruby(code) {
      const file = join(folder, `${randomBytes(6).toString("hex")}.rb`);
      await writeFile(file, code);
      return rails(folder, ["runner", file]);
    },
    log: () => readFile(join(folder, "log", "production.log"), "utf8"),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Migrating a database takes most of a start, so a seeded one is kept and copied. Its name follows from all that it is
 * made of.
 */
async function prepare(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [join(HOME, "lib/redmine/version.rb"), SETUP, SEED]) hash.update(await readFile(file));
  const kept = join(tmpdir(), `deskferry-redmine-prepared-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(kept)) return kept;
  const folder = await mkdtemp(`${kept}-`);
  try {
    await fill(folder);
    await rename(folder, kept);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    // Another process was quicker.
    if (!existsSync(kept)) throw error;
  }
  return kept;
}

async function fill(folder: string): Promise<void> {
  for (const name of ["config", "files", "log", "tmp"]) await mkdir(join(folder, name));
  await configure(folder);
  await rake(folder, "db:migrate");
  await rake(folder, "redmine:load_default_data");
  const printed = await rails(folder, ["runner", SEED, JSON.stringify({ setup: SETUP })]);
  const accounts = printed.trim().split("\n").at(-1) ?? "";
  await writeFile(join(folder, "accounts.json"), accounts);
}

async function configure(folder: string): Promise<void> {
  const database = { adapter: "sqlite3", database: join(folder, "redmine.sqlite"), timeout: 10_000 };
  const write = (name: string, text: string) => writeFile(join(folder, "config", name), text);
  await write("database.yml", JSON.stringify({ production: database }));
  await write("configuration.yml", "default:\n  email_delivery:\n    delivery_method: :test\n");
  await write("secret_key.txt", randomBytes(32).toString("hex"));
}

/**
 * Debian's Redmine keeps settings, database, files and log of several instances apart, each in a folder below
 * /var/lib/redmine. The name of ours leads out of there, so that nothing is written outside it and no root is needed.
 */
function environmentOf(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    REDMINE_INSTANCE: `../../../..${folder}`,
    REDMINE_LANG: "en",
    RAILS_ENV: "production",
    SCHEMA: "/dev/null",
    RUBYOPT: "-W0",
    TZ: "UTC",
  };
}

const rake = (folder: string, task: string) => bundle(folder, ["rake", task]);
const rails = (folder: string, args: string[]) => bundle(folder, ["rails", ...args]);

async function bundle(folder: string, args: string[]): Promise<string> {
  const running = run("bundle", ["exec", ...args], { cwd: HOME, env: environmentOf(folder) });
  running.child.stdin?.end();
  return (await running).stdout;
}

interface ServerOptions {
  folder: string;
  port: number;
  url: string;
  key: string;
}

async function startServer({ folder, port, url, key }: ServerOptions) {
  const log = await open(join(folder, "log", "puma.log"), "a");
  const args = ["-b", `tcp://127.0.0.1:${port}`, "-t", "2:4", "-e", "production"];
  const child = spawn(PUMA, args, {
    cwd: HOME,
    env: environmentOf(folder),
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // It must not outlive a test run that dies.
  const kill = () => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const deadline = Date.now() + 60_000;
  while (!(await answers(url, key))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      kill();
      const lines = await readFile(join(folder, "log", "puma.log"), "utf8");
      throw new Error(`Redmine did not start:\n${lines.slice(-2000)}`);
    }
    await wait(100);
  }
  return {
    async stop() {
      process.removeListener("exit", kill);
      kill();
      await ended;
    },
  };
}

async function answers(url: string, key: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/users/current.json`, { headers: { "X-Redmine-API-Key": key } });
    return answer.status === 200;
  } catch {
    return false;
  }
}
