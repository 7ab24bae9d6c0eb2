import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { commandLine } from "../support/command-line.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const PEOPLE = 20;
let folder: string;
let stack: Stack;
let worker: { url: string };
const lines: string[] = [];

/** comment.jsonata whose comments tell which version made them, and its test. */
async function save(mark: string, expected = mark): Promise<void> {
  const input = { person: {}, message: { type: "text", text: "words" } };
  const tests = [{ name: "a text", input, expected: { body: `${expected} words`, visibility: "public" } }];
  await writeFile(join(folder, "comment.test.json"), JSON.stringify(tests));
  await writeFile(join(folder, "comment.jsonata"), `{"body": "${mark} " & message.text}`);
}

async function deskferry(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...commandLine, ...args, "--config", stack.config]);
  return stdout;
}

async function bodies(): Promise<string[]> {
  const { tickets } = await stack.deskLedger();
  return tickets.flatMap(({ comments }) => comments.map(({ body }) => body));
}

async function write(person: number, text: string): Promise<string> {
  const message = {
    person: { phone: `+4477009${10_000 + person}`, name: `Person ${person}` },
    text,
    wait: true,
  };
  return ((await stack.graph("POST", "/messages", message)) as { wamids: string[] }).wamids[0] ?? "";
}

function told(words: string): string[] {
  return lines.filter((line) => line.includes(words));
}

async function health(): Promise<{ ready: boolean; warnings?: string[] }> {
  return (await (await fetch(`${worker.url}/health/ready`)).json()) as {
    ready: boolean;
    warnings?: string[];
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskferry-reload-"));
  await cp(new URL("../../mappings/sandbox", import.meta.url), folder, { recursive: true });
  await save("v1");
  stack = await startStack({
    redisUrl: redisUrl(),
    name: `reload-${process.pid}`,
    mapping: folder,
    mappings: { watchSeconds: 0.2 },
    queue: { reorderMillis: 0 },
  });
  await stack.start("intake");
  worker = await stack.start("worker", { onLine: (line) => lines.push(line) });
});
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

it("S23: broken mappings saved under load lose no event and make none; the mended one takes over, in a worker of its own", async () => {
  const refused = "a changed mapping is refused";
  let sent = 0;
  let isLoading = true;
  const load = (async () => {
    while (isLoading) {
      await Promise.all([0, 1, 2, 3].map((n) => write((sent + n) % PEOPLE, `message ${sent + n}`)));
      sent += 4;
    }
  })();
  await until("messages of the first version", async () => (await bodies()).length > 20);

  // A syntax error; a file that is only half there; a test that fails; a wrong record; what is not allowed; no end.
  const half = (await readFile(join(folder, "comment.jsonata"), "utf8")).slice(0, 12);
  for (const [index, breaks] of [
    () => writeFile(join(folder, "comment.jsonata"), `{"body": "BROKEN" `),
    () => writeFile(join(folder, "comment.jsonata"), half),
    () => save("BROKEN", "v1"),
    () => writeFile(join(folder, "comment.jsonata"), `{"body": ["BROKEN"]}`),
    () => writeFile(join(folder, "comment.jsonata"), `{"body": $eval("'BROKEN'")}`),
    () =>
      writeFile(
        join(folder, "comment.jsonata"),
        `($f := function($n) { $f($n) }; {"body": "BROKEN" & $f(1)})`,
      ),
  ].entries()) {
    await breaks();
    await until(`refusal ${index + 1}`, () => told(refused).length === index + 1, { withinMs: 30_000 });
  }
  expect(await health()).toMatchObject({
    ready: true,
    warnings: [expect.stringContaining("was changed but refused")],
  });
  expect(await (await fetch(`${worker.url}/metrics`)).text()).toMatch(
    /deskferry_mapping_refused\{mapping=".*"\} 1/,
  );

  await save("v2");
  await until("the mended version", () => told("a changed mapping is in use").length === 1, {
    withinMs: 30_000,
  });
  const before = sent;
  await until("messages of the mended version", () => sent > before + 40);
  isLoading = false;
  await load;
  const all = await until(
    "all comments",
    async () => {
      const found = await bodies();
      return found.length >= sent && found;
    },
    { withinMs: 60_000 },
  );

  const numbers = all.map((body) => Number(/message (\d+)$/.exec(body)?.[1])).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: sent }, (_, index) => index));
  const madeBy = (version: string) => all.filter((body) => body.startsWith(`${version} `)).length;
  process.stdout.write(
    `reload under load: ${sent} events, 0 lost, ${madeBy("v1")} by the first version, ${madeBy("v2")} by the mended one\n`,
  );
  expect(all.filter((body) => !/^v[12] /.test(body))).toEqual([]);
  expect([madeBy("v1"), madeBy("v2")]).toEqual([expect.any(Number), expect.toSatisfy((made) => made > 0)]);
  expect(await deskferry("dead", "list")).toBe("");
  expect((await health()).warnings).toBeUndefined();
}, 240_000);

it("trace tells the version of each mapping file, and it changes with the file", async () => {
  const versionOf = async (wamid: string) =>
    /mapping=(comment@[0-9a-f]{12})/.exec(await deskferry("trace", wamid))?.[1];
  const count = (await bodies()).length;
  const first = await write(0, "message of v2");
  await until("its comment", async () => (await bodies()).length === count + 1);
  const traced = await deskferry("trace", first);
  expect(traced).toMatch(/contact\.ensured .*mapping=contact@[0-9a-f]{12}\n/);
  await save("v3");
  await until("the third version", () => told("a changed mapping is in use").length === 2, {
    withinMs: 30_000,
  });
  const second = await write(0, "message of v3");
  await until("its comment", async () => (await bodies()).length === count + 2);
  const versions = [await versionOf(first), await versionOf(second)];
  expect(versions).toEqual([expect.stringMatching(/^comment@/), expect.stringMatching(/^comment@/)]);
  expect(new Set(versions).size).toBe(2);
});

it("dead letters that a mapping made are replayed through the repaired one, chosen by its file", async () => {
  const count = (await bodies()).length;
  // It passes its tests and fails on what they do not try.
  await writeFile(
    join(folder, "comment.jsonata"),
    `{"body": $length(message.text) > 30 ? 4711 : "v3 " & message.text}`,
  );
  await until("the faulty version", () => told("a changed mapping is in use").length === 3, {
    withinMs: 30_000,
  });
  for (let person = 0; person < 3; person++)
    await write(person, `a message that is longer than thirty letters ${person}`);
  const listed = await until(
    "three dead letters",
    async () => {
      const found = (await deskferry("dead", "list", "--reason", join(folder, "comment.jsonata"))).trimEnd();
      return found.split("\n").length === 3 && found;
    },
    { withinMs: 60_000 },
  );
  expect(listed).toMatch(/ {2}record {2}.*comment\.jsonata:1 \(body\): .*\$string\(value\)/);
  expect(await bodies()).toHaveLength(count);
  expect(await deskferry("dead", "list", "--kind", "rejected")).toBe("");

  await save("v4");
  await until("the repaired version", () => told("a changed mapping is in use").length === 4, {
    withinMs: 30_000,
  });
  expect(await deskferry("dead", "replay", "--kind", "rejected")).toBe("0 replayed\n");
  expect(await deskferry("dead", "replay", "--kind", "record", "--reason", "comment.jsonata")).toBe(
    "3 replayed\n",
  );
  await until(
    "their comments",
    async () => (await bodies()).filter((body) => body.startsWith("v4 a message that is")).length === 3,
  );
  expect(await deskferry("dead", "list")).toBe("");
}, 180_000);
