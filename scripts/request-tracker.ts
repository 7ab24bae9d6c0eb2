import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { claimPort } from "./claim-port.ts";

/**
 * A real Request Tracker 5 on loopback, in a folder of its own, from Debian's packages:
 * `apt-get install --no-install-recommends dbconfig-no-thanks rt5-db-sqlite rt5-standalone request-tracker5 starman libcgi-psgi-perl`.
 */
export interface RequestTracker {
  /** e.g. `http://127.0.0.1:41234`, without a trailing slash. */
  url: string;
  /** Account of the connector: member of the group of our initialdata, no other rights. */
  connector: { name: string; token: string };
  /** A member of staff who may do everything. The password is for RT's pages. */
  agent: { name: string; token: string; password: string };
  /** Somebody who is not staff and may correspond, as customers do by mail. */
  customer: { name: string; password: string };
  queue: string;
  /** Without our custom fields' rights or anything else of ours: for tests of moved tickets. */
  otherQueue: string;
  webhookSecret: string;
  /** Sends changes to this address from now on, undefined to nowhere. Restarts the server, about 2 s. */
  setHook(url: string | undefined): Promise<void>;
  /** Runs Perl with RT loaded and `$system` as RT's own user, and gives what it prints: for what REST cannot do. */
  perl(code: string): Promise<string>;
  /** What the server wrote to its log, for failing tests. */
  log(): Promise<string>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

export interface RequestTrackerOptions {
  /** Where the scrip posts changes to. */
  hookUrl?: string;
  webhookSecret?: string;
  /** Extra lines of RT_SiteConfig. */
  siteConfig?: string;
}

const SETUP = "/usr/sbin/rt-setup-database-5";
const SERVER = "/usr/share/request-tracker5/libexec/rt-server";
const STARMAN = "/usr/bin/starman";
const PASSWORD = "only-for-tests";
const QUEUES = ["WhatsApp", "Elsewhere"] as const;
const run = promisify(execFile);

/** Why no Request Tracker can be started here; undefined when one can. Throws instead with DESKFERRY_REQUIRE_RT=1. */
export function requestTrackerMissing(): string | undefined {
  const missing = [SETUP, SERVER, STARMAN].filter((file) => !existsSync(file));
  if (missing.length === 0) return undefined;
  const reason = `no Request Tracker 5 on this machine (${missing.join(", ")} missing): its tests are skipped`;
  if (process.env["DESKFERRY_REQUIRE_RT"] === "1") throw new Error(reason);
  return reason;
}

/** Ready to use when it resolves, after about 6 s. */
export async function startRequestTracker(options: RequestTrackerOptions = {}): Promise<RequestTracker> {
  const folder = await mkdtemp(join(tmpdir(), "deskferry-rt-"));
  try {
    return await start(folder, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function start(folder: string, options: RequestTrackerOptions): Promise<RequestTracker> {
  const port = await claimPort();
  const url = `http://127.0.0.1:${port}`;
  const webhookSecret = options.webhookSecret ?? randomBytes(24).toString("hex");
  const env = await environmentOf(folder);
  const configure = (hookUrl: string | undefined) =>
    writeFile(
      join(folder, "conf.d", "10-test.pm"),
      siteConfig({ folder, port, hookUrl, webhookSecret, extra: options.siteConfig ?? "" }),
    );
  await configure(options.hookUrl);
  await setup(env, ["--action", "init", "--skip-create"]);
  await loadInitialdata(env);
  const tokens = await seed(env);
  const serve = () => startServer({ folder, port, env, url, token: tokens.deskferry });
  let server = await serve();
  return {
    url,
    connector: { name: "deskferry", token: tokens.deskferry },
    agent: { name: "agent", token: tokens.agent, password: PASSWORD },
    customer: { name: "customer", password: PASSWORD },
    queue: QUEUES[0],
    otherQueue: QUEUES[1],
    webhookSecret,
    async setHook(hookUrl) {
      await server.stop();
      await configure(hookUrl);
      server = await serve();
    },
    perl: (code) => perl(code, env),
    log: () => readFile(join(folder, "server.log"), "utf8"),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that RT writes stays in the folder: database, sessions, compiled pages, mail. */
async function environmentOf(folder: string) {
  for (const name of ["conf.d", "var", "mason", "sessions", "mail"]) await mkdir(join(folder, name));
  const env = {
    ...process.env,
    RT_SITE_CONFIG: join(folder, "RT_SiteConfig.pm"),
    RT_SITE_CONFIG_DIR: join(folder, "conf.d"),
    TMPDIR: join(folder, "mail"),
  };
  await writeFile(env.RT_SITE_CONFIG, "1;\n");
  return env;
}

interface SiteConfig {
  folder: string;
  port: number;
  hookUrl: string | undefined;
  webhookSecret: string;
  extra: string;
}

/** Passwords and tokens are bcrypt-checked on every request: cost 10, the least that RT accepts, keeps tests quick. */
function siteConfig({ folder, port, hookUrl, webhookSecret, extra }: SiteConfig): string {
  const hook =
    hookUrl === undefined ? "" : `Set(%Deskferry, url => '${hookUrl}', secret => '${webhookSecret}');`;
  return `
Set($rtname, 'rt.test'); Set($Organization, 'test');
Set($CorrespondAddress, 'rt@rt.test'); Set($CommentAddress, 'rt-comment@rt.test');
Set($WebPath, ''); Set($WebDomain, '127.0.0.1'); Set($WebPort, ${port}); Set($WebBaseURL, 'http://127.0.0.1:${port}');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '${join(folder, "var", "rt.sqlite")}');
Set($DatabaseUser, ''); Set($DatabasePassword, '');
$RT::MasonDataDir = '${join(folder, "mason")}'; $RT::MasonSessionDir = '${join(folder, "sessions")}';
Set($MailCommand, 'testfile');
Set($LogToSyslog, undef); Set($LogToFile, undef); Set($LogToSTDERR, 'warning');
Set($Timezone, 'UTC'); Set($BcryptCost, 10);
${hook}
${extra}
1;
`;
}

async function setup(env: NodeJS.ProcessEnv, args: string[]): Promise<void> {
  const running = run(SETUP, args, { env });
  running.child.stdin?.end();
  await running;
}

/** As an administrator would, and twice, because it must not mind. */
async function loadInitialdata(env: NodeJS.ProcessEnv): Promise<void> {
  const datafile = fileURLToPath(new URL("../connectors/request-tracker/initialdata", import.meta.url));
  for (let round = 0; round < 2; round++)
    await setup(env, ["--action", "insert", "--skip-create", "--datafile", datafile]);
}

async function seed(env: NodeJS.ProcessEnv): Promise<{ deskferry: string; agent: string }> {
  const script = fileURLToPath(new URL("request-tracker.pl", import.meta.url));
  const given = JSON.stringify({
    connector: "deskferry",
    agent: "agent",
    customer: "customer",
    password: PASSWORD,
    queues: QUEUES,
  });
  const { stdout } = await run("perl", [script, given], { env });
  return JSON.parse(stdout) as { deskferry: string; agent: string };
}

async function perl(code: string, env: NodeJS.ProcessEnv): Promise<string> {
  const libraries = ["/usr/local/share/request-tracker5/lib", "/usr/share/request-tracker5/lib"];
  const prelude =
    "use strict; use warnings; use RT; RT::LoadConfig(); RT::Init(); my $system = RT->SystemUser;";
  const args = [...libraries.flatMap((path) => ["-I", path]), "-e", `${prelude}\n${code}`];
  const { stdout } = await run("perl", args, { env });
  return stdout;
}

interface ServerOptions {
  folder: string;
  port: number;
  env: NodeJS.ProcessEnv;
  url: string;
  token: string;
}

async function startServer({ folder, port, env, url, token }: ServerOptions) {
  const log = await open(join(folder, "server.log"), "a");
  const address = ["--host", "127.0.0.1", "--port", `${port}`];
  // An idle connection occupies one of the two workers, and a worker ends after 1,000 requests, if it may.
  const endurance = ["--workers", "2", "--disable-keepalive", "--max-requests", "1000000"];
  const args = [...address, ...endurance, "--preload-app", SERVER];
  const child = spawn(STARMAN, args, { env, detached: true, stdio: ["ignore", log.fd, log.fd] });
  await log.close();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // The master and its workers are one process group; it must not outlive a test run that dies.
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", killGroup);
  const deadline = Date.now() + 60_000;
  while (!(await answers(url, token))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      killGroup();
      const lines = await readFile(join(folder, "server.log"), "utf8");
      throw new Error(`Request Tracker did not start:\n${lines.slice(-2000)}`);
    }
    await wait(100);
  }
  return {
    async stop() {
      process.removeListener("exit", killGroup);
      killGroup();
      await ended;
    },
  };
}

async function answers(url: string, token: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/REST/2.0/rt`, { headers: { Authorization: `token ${token}` } });
    return answer.status === 200;
  } catch {
    return false;
  }
}
