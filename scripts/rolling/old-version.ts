import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The last commit whose workers know no bursts: envelopes of version 2 are news to it. */
export const BEFORE_BURSTS = "63d83ae913398954b64cce4efa662101f1c10ee6";

/** An older Deskferry in a folder of its own, with the packages of today. */
export interface OldVersion {
  folder: string;
  /** Settings as this version takes them: it refuses what it does not know. */
  settings(text: string): string;
  remove(): void;
}

/** The tag of the newest release before this commit; undefined when there is none. */
export function lastRelease(): string | undefined {
  const { status, stdout } = git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD~1");
  return status === 0 ? stdout.toString().trim() : undefined;
}

/** The sources as they were committed; undefined where the history does not go back so far. */
export function unpack(commit: string): OldVersion | undefined {
  const { status, stdout } = git("archive", "--format=tar", commit);
  if (status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "deskferry-old-"));
  const archive = join(folder, "archive.tar");
  writeFileSync(archive, stdout);
  spawnSync("tar", ["xf", archive, "-C", folder]);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  if (!existsSync(join(folder, "src/main.ts"))) throw new Error(`${commit} has no src/main.ts`);
  const schema = textsIn(join(folder, "src/config"));
  return {
    folder,
    settings: (text) => withoutUnknown(text, schema),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What settings there are has been spread over more and more files. */
function textsIn(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

/** Only what a route and Redis may say has grown so far. */
function withoutUnknown(text: string, schema: string): string {
  type Settings = Record<string, unknown>;
  const { redis, routes, ...others } = JSON.parse(text) as { redis: Settings; routes: Settings[] };
  const known = (settings: Settings) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => schema.includes(`${name}:`)));
  return JSON.stringify({ ...others, redis: known(redis), routes: routes.map(known) });
}

function git(...args: string[]) {
  return spawnSync("git", args, { cwd: root, maxBuffer: 256 * 1024 * 1024 });
}
