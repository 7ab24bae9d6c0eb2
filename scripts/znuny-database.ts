import { execFile } from "node:child_process";
import { chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { startGroup } from "./process-group.ts";

export const POSTGRES = "/usr/lib/postgresql/15/bin";
const run = promisify(execFile);

/** PostgreSQL refuses to run as root. */
function asDatabaseUser(command: string, args: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [command, args];
  return ["/usr/sbin/runuser", ["-u", "postgres", "--", command, ...args]];
}

/** An empty PostgreSQL in that folder; ready when it resolves. */
export async function startDatabase(folder: string, port: number) {
  const data = join(folder, "database");
  await mkdir(data, { mode: 0o700 });
  if (process.getuid?.() === 0) {
    const { stdout } = await run("id", ["-u", "postgres"]);
    await chown(data, Number(stdout), -1);
  }
  const init = ["-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  await run(...asDatabaseUser(`${POSTGRES}/initdb`, init), { cwd: "/" });
  const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${data}`, "fsync=off"];
  const args = ["-D", data, "-p", `${port}`, ...settings.flatMap((setting) => ["-c", setting])];
  const [command, given] = asDatabaseUser(`${POSTGRES}/postgres`, args);
  const group = await startGroup({
    command,
    args: given,
    log: join(folder, "database.log"),
    signal: "SIGQUIT",
  });
  const isReady = () =>
    run(`${POSTGRES}/pg_isready`, ["-h", "127.0.0.1", "-p", `${port}`, "-q"]).then(
      () => true,
      () => false,
    );
  await group.until(isReady, "PostgreSQL");
  return { stop: group.stop };
}

/** Makes the database otrs by Znuny's own files. */
export async function fillDatabase(port: number): Promise<void> {
  const psql = (...args: string[]) =>
    run(
      `${POSTGRES}/psql`,
      ["-q", "-h", "127.0.0.1", "-p", `${port}`, "-U", "postgres", "-v", "ON_ERROR_STOP=1", ...args],
      {
        maxBuffer: 64 * 1024 * 1024,
      },
    );
  await psql("-d", "postgres", "-c", "create database otrs");
  const files = ["schema", "initial_insert", "schema-post"].flatMap((name) => [
    "-f",
    `/usr/share/otrs/scripts/database/${name}.postgresql.sql`,
  ]);
  await psql("-d", "otrs", ...files);
}
