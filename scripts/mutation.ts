import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { roomOf } from "../test/support/architecture.ts";
import { seededRandom } from "./chaos/random.ts";
import { asked, core, mostJudges, wanted } from "./mutation/groups.ts";
import { createBench } from "./mutation/judges.ts";
import { luaMutants } from "./mutation/lua-mutants.ts";
import { type Judged, lineOf, type Mutant, nameOf } from "./mutation/mutant.ts";
import { estimate, figuresOf, groupBy } from "./mutation/report.ts";
import { copyTree } from "./mutation/tree.ts";
import { tryMutants, writeInstrumented } from "./mutation/trial.ts";
import { typescriptMutator } from "./mutation/typescript-mutants.ts";
import { startPrivateRedis } from "./private-redis.ts";
import { readResults, startRun, writeResult } from "./reliability/result.ts";

/**
 * `npm run mutation -- --core [--group G] | --rest [--room R] | --files PATH … [--sample N] [--seed S]`: changes the code in small ways
 * and asks the tests. Prints what survived; the figures go to `.deskferry/mutation/<run>.json`, as the last line too. What was
 * killed once stays killed until its file changes, unless --again. With --publish the figures go to
 * docs/reliability/mutation.json, beside those of earlier runs of other groups.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    core: { type: "boolean" },
    group: { type: "string", multiple: true },
    rest: { type: "boolean" },
    files: { type: "boolean" },
    room: { type: "string", multiple: true },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    most: { type: "string" },
    again: { type: "boolean" },
    publish: { type: "boolean" },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);
const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = join(root, ".deskferry/mutation");
const tree = join(scratch, `tree-${process.pid}`);
mkdirSync(scratch, { recursive: true });

// What was started goes with us: the exit listeners of session.ts and private-redis.ts see to it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.once("exit", () => rmSync(tree, { recursive: true, force: true, maxRetries: 3 }));

const headOf = startRun(["npm run mutation --", ...process.argv.slice(2)].join(" "));
const files = copyTree(root, tree);
const textOf = (file: string) => readFileSync(join(root, file), "utf8");
const instrument = await typescriptMutator(join(scratch, "tools"), say);
const redis = await startPrivateRedis();
const options = { tree, redisUrl: redis.url, say, bench: createBench(root, files), asked, textOf };
const equivalent = new Map(
  (JSON.parse(textOf("scripts/mutation/equivalent.json")) as { name: string; reason: string }[]).map(
    ({ name, reason }) => [name, reason],
  ),
);

async function mutantsOf(paths: readonly string[]): Promise<Mutant[]> {
  const sources = paths.filter((path) => path.endsWith(".ts"));
  const { mutants, files: instrumented } = await instrument(
    sources.map((name) => ({ name, content: textOf(name) })),
  );
  writeInstrumented(tree, instrumented);
  const scripts = paths.filter((path) => path.endsWith(".lua"));
  return [...mutants, ...scripts.flatMap((path) => luaMutants(path, textOf(path)))];
}

const memoryFile = join(scratch, "killed.json");
/** Who was killed before, by the text of the file and the name of the mutant. */
const killed = new Map<string, "killed" | "timeout">(
  values.again || !existsSync(memoryFile)
    ? []
    : (JSON.parse(readFileSync(memoryFile, "utf8")) as [string, "killed" | "timeout"][]),
);
const keyOf = (one: Mutant) => `${digestOf(textOf(one.file))} ${one.start} ${nameOf(one, textOf(one.file))}`;

function remember(judged: readonly Judged[]): void {
  for (const one of judged) {
    if (one.verdict === "killed" || one.verdict === "timeout") killed.set(keyOf(one), one.verdict);
  }
  writeFileSync(memoryFile, JSON.stringify([...killed]));
}

/** What nobody needs to try: listed as equivalent, or killed before. */
function known(one: Mutant): Judged | undefined {
  const by = equivalent.get(nameOf(one, textOf(one.file)));
  if (by !== undefined) return { ...one, verdict: "equivalent", by };
  const verdict = killed.get(keyOf(one));
  return verdict && { ...one, verdict };
}

async function judge(mutants: readonly Mutant[], most: number): Promise<Judged[]> {
  const same = mutants.flatMap((one) => known(one) ?? []);
  const open = mutants.filter((one) => !known(one));
  const judged = await tryMutants(open, most, { ...options, remember });
  for (const one of judged.filter(isAlive)) {
    const text = textOf(one.file);
    const what = text.slice(one.start, one.end).slice(0, 100).replaceAll("\n", " ");
    say(`${one.verdict} ${one.file}:${one.line} ${one.mutator}: ${lineOf(one, text)}`);
    say(`    ${what}  ->  ${one.replacement.slice(0, 100).replaceAll("\n", " ")}`);
  }
  return [...judged, ...same];
}

function digestOf(text: string): string {
  return createHash("sha1").update(text).digest("hex").slice(0, 12);
}

function isAlive({ verdict }: Judged): boolean {
  return verdict === "survived" || verdict === "uncovered";
}

const most = (run: keyof typeof mostJudges) => Number(values.most ?? mostJudges[run]);

function figures(judged: readonly Judged[]) {
  return { ...figuresOf(judged), alive: judged.filter(isAlive).map((one) => nameOf(one, textOf(one.file))) };
}

function write(name: string, result: object): void {
  writeFileSync(join(scratch, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/** All mutants of each group, or `--sample` of them. */
async function runCore(): Promise<object> {
  const wantedGroups = Object.entries(core).filter(([name]) => values.group?.includes(name) ?? true);
  const groupOf = new Map(wantedGroups.flatMap(([name, paths]) => paths.map((path) => [path, name])));
  const all = groupBy(await mutantsOf([...groupOf.keys()]), ({ file }) => groupOf.get(file) ?? "");
  const random = seededRandom(Number(values.seed));
  const drawn = [...all.values()].flatMap((mutants) =>
    values.sample === undefined ? mutants : draw(mutants, Number(values.sample), random),
  );
  const judged = await judge(drawn, most("core"));
  const groups = [...groupBy(judged, ({ file }) => groupOf.get(file) ?? "")].map(([name, theirs]) => {
    const size = all.get(name)?.length ?? 0;
    warnBelow(name, figuresOf(theirs).score, wanted.core);
    return [name, { of: size, ...estimate([{ size, judged: theirs }]), ...figures(theirs) }];
  });
  return Object.fromEntries(groups);
}

/** Makes the run fail, at its end. */
function warnBelow(name: string, score: number, least: number): void {
  if (score >= least) return;
  say(`${name}: ${score} of 100 were killed; wanted are ${least}`);
  process.exitCode = 1;
}

/** `--rest`: of each room as many as its share of all, at least twenty. */
async function runRest(): Promise<object> {
  const inCore = new Set(Object.values(core).flat());
  // The playground's page runs in a browser, of which the runner sees nothing.
  const sources = files.filter(
    (path) => /^src\/(?!playground\/page\/).*\.(?:ts|lua)$/.test(path) && !inCore.has(path),
  );
  const rooms = groupBy(await mutantsOf(sources), ({ file }) => roomOf(file));
  const all = [...rooms.values()].reduce((sum, mutants) => sum + mutants.length, 0);
  const random = seededRandom(Number(values.seed));
  const drawn = [...rooms]
    .map(([room, mutants]) => ({
      room,
      mutants: draw(
        mutants,
        Math.max(20, Math.round((Number(values.sample ?? 400) * mutants.length) / all)),
        random,
      ),
    }))
    .filter(({ room }) => values.room?.includes(room) ?? true)
    .flatMap(({ mutants }) => mutants);
  // Only files that somebody looks at carry switches: the others run as they are.
  const chosen = new Set(drawn.map(({ file }) => file));
  for (const path of sources.filter((one) => !chosen.has(one))) writeFileSync(join(tree, path), textOf(path));
  const judged = groupBy(await judge(drawn, most("rest")), ({ file }) => roomOf(file));
  const strata = [...judged].map(([room, theirs]) => ({
    size: rooms.get(room)?.length ?? 0,
    judged: theirs,
  }));
  const estimated = estimate(strata);
  warnBelow("the rest", estimated.score, wanted.rest);
  return {
    seed: Number(values.seed),
    ...estimated,
    of: all,
    mutants: drawn.length,
    rooms: Object.fromEntries(
      [...judged].map(([room, theirs]) => [room, { of: rooms.get(room)?.length, ...figures(theirs) }]),
    ),
  };
}

function draw(mutants: readonly Mutant[], count: number, random: () => number): Mutant[] {
  const pairs = mutants.map((mutant) => ({ mutant, at: random() }));
  return pairs
    .sort((one, other) => one.at - other.at)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

async function runFiles(): Promise<object> {
  const judged = await judge(await mutantsOf(positionals), most("core"));
  return figures(judged);
}

/** The figures of this run take the place of those of the same group, or of the rest. */
function publish(part: "core" | "rest", figuresOfRun: object): void {
  const head = headOf();
  const before: Record<string, unknown> = readResults().get("mutation") ?? {};
  const [core, rest] = [before["core"] ?? {}, before["rest"] ?? {}];
  const measured = Object.fromEntries(
    Object.entries(figuresOfRun).map(([name, one]) => [name, { ...head, ...(one as object) }]),
  );
  const parts =
    part === "core" ? { core: { ...core, ...measured }, rest } : { core, rest: { ...head, ...figuresOfRun } };
  writeResult("mutation", { ...before, ...head, ...parts });
}

const runs = { core: runCore, rest: runRest, files: runFiles };
for (const name of ["core", "rest", "files"] as const) {
  if (!values[name]) continue;
  const result = await runs[name]();
  write(name, result);
  if (values.publish && name !== "files") publish(name, result);
  console.log(JSON.stringify(result));
}
await redis.stop();
