import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { claimPort } from "./claim-port.ts";
import { startGroup } from "./process-group.ts";
import { fillDatabase, POSTGRES, startDatabase } from "./znuny-database.ts";

/**
 * A real Znuny 6.5 on loopback with a PostgreSQL of its own, from Debian's packages (otrs2 lies in the area non-free):
 * `apt-get install --no-install-recommends dbconfig-no-thanks lighttpd otrs2 libdbd-pg-perl postgresql-15 starman
 * libplack-perl libcgi-emulate-psgi-perl libmodule-refresh-perl librest-client-perl`.
 * The last one is a dependency that the package does not declare. Nothing outside its folder is read or written but
 * Znuny's programs: there may be several on one machine, and whatever /etc/otrs holds is left alone.
 */
export interface Znuny {
  /** e.g. `http://127.0.0.1:41234`, without a trailing slash. */
  url: string;
  /** Account of the connector: in the groups deskferry and users, no other rights. */
  connector: { name: string; password: string };
  /** A member of staff. */
  agent: { name: string; password: string };
  queue: string;
  otherQueue: string;
  webhookSecret: string;
  /** Sends changes to this address from now on. */
  setHook(url: string): Promise<void>;
  /** Runs Perl with Znuny's objects at hand (`$Kernel::OM`), and gives what it prints: for what REST cannot do. */
  perl(code: string): Promise<string>;
  /** Ends the web server; the database stays. */
  halt(): Promise<void>;
  /** Starts it again at the same address. */
  resume(): Promise<void>;
  /** What the server wrote to its log, for failing tests. */
  log(): Promise<string>;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

const SHARE = "/usr/share/otrs";
const STARMAN = "/usr/bin/starman";
const REST_CLIENT = "/usr/share/perl5/REST/Client.pm";
const NEEDED = [
  `${SHARE}/bin/cgi-bin/app.psgi`,
  STARMAN,
  `${POSTGRES}/postgres`,
  REST_CLIENT,
  "/usr/share/perl5/CGI/Emulate/PSGI.pm",
  "/usr/share/perl5/Module/Refresh.pm",
];
const CONNECTOR = "deskferry";
const AGENT = "agent";
const PASSWORD = "only-for-tests";
const QUEUES = ["WhatsApp", "Elsewhere"] as const;
const run = promisify(execFile);

/** Why no Znuny can be started here; undefined when one can. Throws instead with DESKFERRY_REQUIRE_ZNUNY=1. */
export function znunyMissing(): string | undefined {
  const missing = NEEDED.filter((file) => !existsSync(file));
  if (missing.length === 0) return undefined;
  const reason = `no Znuny 6.5 on this machine (${missing.join(", ")} missing): its tests are skipped`;
  if (process.env["DESKFERRY_REQUIRE_ZNUNY"] === "1") throw new Error(reason);
  return reason;
}

/** Ready to use when it resolves, after about 15 s. */
export async function startZnuny(): Promise<Znuny> {
  const folder = await mkdtemp(join(tmpdir(), "deskferry-znuny-"));
  // The database runs under another account than root.
  await chmod(folder, 0o755);
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    return await start(folder, ends, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  folder: string,
  ends: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Znuny> {
  const [port, databasePort] = [await claimPort(), await claimPort()];
  const url = `http://127.0.0.1:${port}`;
  const webhookSecret = randomBytes(24).toString("hex");
  const home = await makeHome(folder);
  const database = await startDatabase(folder, databasePort);
  ends.push(database.stop);
  await writeFile(
    join(home, "Kernel", "Config.pm"),
    configuration({ home, folder, databasePort, webhookSecret }),
  );
  await fillDatabase(databasePort);
  await seed(home);
  const perl = (code: string) => runPerl(home, code);
  let server = await startServer({ folder, home, port, url });
  ends.push(() => server.stop());
  return {
    url,
    connector: { name: CONNECTOR, password: PASSWORD },
    agent: { name: AGENT, password: PASSWORD },
    queue: QUEUES[0],
    otherQueue: QUEUES[1],
    webhookSecret,
    async setHook(hookUrl) {
      const { origin, pathname } = new URL(hookUrl);
      await perl(`
        my $Object = $Kernel::OM->Get('Kernel::System::GenericInterface::Webservice');
        my $Service = $Object->WebserviceGet(Name => 'Deskferry');
        my $Transport = $Service->{Config}->{Requester}->{Transport}->{Config};
        $Transport->{Host} = '${origin}';
        $Transport->{InvokerControllerMapping}->{Change}->{Controller} = '${pathname}';
        $Object->WebserviceUpdate(%{$Service}, UserID => 1) or die 'not changed';`);
    },
    perl,
    halt: () => server.stop(),
    async resume() {
      server = await startServer({ folder, home, port, url });
    },
    log: () => readFile(join(folder, "server.log"), "utf8"),
    stop,
  };
}

/** Znuny's programs by links, and everything that it writes as folders of its own. */
async function makeHome(folder: string): Promise<string> {
  const home = join(folder, "otrs");
  for (const name of ["Kernel/Config/Files/XML", "Custom", "var/httpd/htdocs"]) {
    await mkdir(join(home, name), { recursive: true });
  }
  for (const name of ["article", "log", "tmp", "run", "sessions", "spool", "stats", "cron"]) {
    await mkdir(join(home, "var", name));
  }
  await cp(join(SHARE, "bin"), join(home, "bin"), { recursive: true });
  await cp(join(SHARE, "Kernel/Config/Files/XML"), join(home, "Kernel/Config/Files/XML"), {
    recursive: true,
  });
  await symlink(join(SHARE, "Kernel/Config/Defaults.pm"), join(home, "Kernel/Config/Defaults.pm"));
  await writeFile(join(home, "RELEASE"), await readFile(join(SHARE, "RELEASE")));
  await linkAll("Kernel", home, ["Config", "Config.pm", "GenericInterface", "System"]);
  // Folders into which the add-on is installed must be real ones.
  for (const name of [
    "Kernel/System",
    "Kernel/GenericInterface",
    "Kernel/GenericInterface/Operation",
    "Kernel/GenericInterface/Invoker",
  ]) {
    await mkdir(join(home, name));
    await linkAll(name, home, name === "Kernel/GenericInterface" ? ["Operation", "Invoker"] : []);
  }
  return home;
}

async function linkAll(folder: string, home: string, except: string[]): Promise<void> {
  for (const name of await readdir(join(SHARE, folder))) {
    if (!except.includes(name)) await symlink(join(SHARE, folder, name), join(home, folder, name));
  }
}

interface Configuration {
  home: string;
  folder: string;
  databasePort: number;
  webhookSecret: string;
}

function configuration({ home, folder, databasePort, webhookSecret }: Configuration): string {
  return `
package Kernel::Config;
use strict; use warnings; use utf8;
sub Load {
    my $Self = shift;
    $Self->{Home} = '${home}';
    $Self->{DatabaseDSN} = 'DBI:Pg:dbname=otrs;host=127.0.0.1;port=${databasePort};';
    $Self->{Database} = 'otrs'; $Self->{DatabaseUser} = 'postgres'; $Self->{DatabasePw} = 'none';
    $Self->{SecureMode} = 1; $Self->{SystemID} = '10'; $Self->{OTRSTimeZone} = 'UTC'; $Self->{FQDN} = 'znuny.test';
    $Self->{CheckMXRecord} = 0;
    $Self->{'SendmailModule'} = 'Kernel::System::Email::DoNotSendEmail';
    $Self->{'LogModule'} = 'Kernel::System::Log::File'; $Self->{'LogModule::LogFile'} = '${join(folder, "otrs.log")}';
    $Self->{'Deskferry::WebhookSecret'} = '${webhookSecret}';
    return 1;
}
use Kernel::Config::Defaults;
use parent qw(Kernel::Config::Defaults);
1;
`;
}

async function seed(home: string): Promise<void> {
  const given = JSON.stringify({
    home,
    connector: fileURLToPath(new URL("../connectors/znuny", import.meta.url)),
    connector_name: CONNECTOR,
    agent_name: AGENT,
    password: PASSWORD,
    queues: QUEUES,
  });
  const script = fileURLToPath(new URL("znuny.pl", import.meta.url));
  await run("perl", [script, given], { cwd: home, maxBuffer: 16 * 1024 * 1024 });
}

async function runPerl(home: string, code: string): Promise<string> {
  const prelude = `
    use strict; use warnings; use lib '${home}'; use Kernel::System::ObjectManager;
    local $Kernel::OM = Kernel::System::ObjectManager->new('Kernel::System::Log' => { LogPrefix => 'tests' });`;
  const { stdout } = await run("perl", ["-e", `${prelude}\n${code}`], { cwd: home });
  return stdout;
}

interface ServerOptions {
  folder: string;
  home: string;
  port: number;
  url: string;
}

async function startServer({ folder, home, port, url }: ServerOptions) {
  const address = ["--host", "127.0.0.1", "--port", `${port}`];
  // An idle connection occupies a worker, and a worker ends after 1,000 requests, if it may.
  const endurance = ["--workers", "3", "--disable-keepalive", "--max-requests", "1000000"];
  const args = [...address, ...endurance, join(home, "bin/cgi-bin/app.psgi")];
  const group = await startGroup({
    command: STARMAN,
    args,
    log: join(folder, "server.log"),
    signal: "SIGKILL",
    cwd: home,
  });
  const answers = async () => {
    try {
      const path = "/nph-genericinterface.pl/Webservice/Deskferry/TicketSearch";
      const answer = await fetch(`${url}${path}`, { method: "POST", body: '{"Limit":1}' });
      return (await answer.text()).includes("TicketSearch.");
    } catch {
      return false;
    }
  };
  await group.until(answers, "Znuny");
  return { stop: group.stop };
}
