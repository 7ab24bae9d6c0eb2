import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Redis } from "ioredis";
import { type DeskferryProcess, startDeskferry } from "../../scripts/deskferry-process.ts";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { mappings, sandbox } from "../../scripts/sandbox-settings.ts";
import { startStack } from "../../scripts/stack.ts";
import type { createCanaries } from "../support/canaries.ts";
import { commandLine } from "../support/command-line.ts";

type Canaries = ReturnType<typeof createCanaries>;

/** All that came out of Deskferry, by where. */
export type Outputs = Record<
  "stdout" | "stderr" | "metrics" | "answers" | "commands" | "disk" | "redis",
  string[]
>;

/** A mapping that fails in each way that a mapping can, on messages that ask for it. */
const failing = `$contains(message.text, "FAIL-ERROR") ? $error(message.text)
  : $contains(message.text, "FAIL-ASSERT") ? $assert(false, message.text)
  : $contains(message.text, "FAIL-NUMBER") ? $number(message.text)
  : $contains(message.text, "FAIL-DATE") ? $toMillis(message.text)
  : $contains(message.text, "FAIL-ADD") ? message.text + 1
  : $contains(message.text, "FAIL-TABLE") ? $table(message.text, person.name)
  : $contains(message.text, "FAIL-LABEL") ? $label(message.text, person.name)
  : $contains(message.text, "FAIL-KEY") ? {"body": "x", message.text: person.name}
  : $contains(message.text, "FAIL-VALUE") ? {"body": "x", "visibility": message.text}
  : $contains(message.text, "FAIL-TYPE") ? {"body": [message.text, person.name]}
  : $contains(message.text, "FAIL-RECORD") ? message.text
  : `;

/** A helpdesk's plugin with errors that nobody foresaw, which quote what they were given. */
const angry = `import { z } from "ZOD";
const fail = (given) => {
  const text = JSON.stringify(given);
  if (text.includes("ANGRY-TYPE")) return JSON.parse(text).no.such[text];
  if (text.includes("ANGRY-TEXT")) throw text;
  if (text.includes("ANGRY-FRAME")) throw new Error("failed\\n    at " + text);
  if (text.includes("ANGRY-CAUSE")) throw Object.assign(new Error(text, { cause: given }), { config: given });
  if (text.includes("ANGRY-REJECTION")) { void Promise.reject(new Error(text)); return new Promise(() => {}); }
  if (text.includes("ANGRY-TIMER")) { setTimeout(() => { throw Object.assign(new TypeError(text), { given }); }); return new Promise(() => {}); }
  throw new Error(text);
};
export default {
  name: "angry", label: "Angry", config: z.strictObject({}),
  create: () => ({
    capabilities: { idempotency: { class: "B", settleMs: 0 }, changes: [], internalComments: true, maxAttachmentBytes: 0 },
    upsertContact: async (key, contact) => ({ id: "1" }),
    findTicket: async () => undefined,
    createTicket: async () => ({ id: "1" }),
    findComment: async () => undefined,
    addComment: async (comment) => fail(comment),
    parseWebhook: () => [],
  }),
};
`;

function run(program: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, program, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

/** Two apps on a Redis of their own: one with the sandbox helpdesk, one with the angry plugin. */
export async function startCanaryStack(canaries: Canaries) {
  const home = await mkdtemp(path.join(tmpdir(), "deskferry-canaries-"));
  // Uncompressed, so that what stands in its files can be found.
  const redis = await startPrivateRedis({ config: ["--rdbcompression", "no"] });
  // Any password is right where none is set, so that a canary can be the password.
  const redisUrl = redis.url.replace("redis://", `redis://default:${canaries.secret()}@`);
  const given = process.env["TMPDIR"];
  const temporary = path.join(home, "temporary");
  await mkdir(temporary);
  process.env["TMPDIR"] = temporary;
  const mapping = path.join(home, "mapping");
  await cp(path.join(mappings, "sandbox"), mapping, { recursive: true });
  const comment = path.join(mapping, "comment.jsonata");
  await writeFile(comment, failing + (await readFile(comment, "utf8")));
  const plugin = path.join(home, "angry.mjs");
  const zod = pathToFileURL(createRequire(import.meta.url).resolve("zod")).href;
  await writeFile(plugin, angry.replace("ZOD", zod));

  const main = await startStack({ redisUrl, name: `canaries-${process.pid}`, mapping });
  const crashing = await startStack({
    redisUrl,
    name: `angry-${process.pid}`,
    queue: { crashLimit: 2, lockSeconds: 2, stallSeconds: 1 },
    helpdesk: { connection: { use: plugin }, mapping },
  });
  const outputs: Outputs = {
    stdout: [],
    stderr: [],
    metrics: [],
    answers: [],
    commands: [],
    disk: [],
    redis: [],
  };
  const secrets = { accessToken: canaries.secret(), appSecret: canaries.secret() };
  const encryption = {
    keys: [`k1:${Buffer.from(canaries.secret().padEnd(32, "-")).toString("base64")}`],
    nameKey: canaries.secret().padEnd(32, "-"),
  };
  for (const stack of [main, crashing]) {
    const settings = JSON.parse(await readFile(stack.config, "utf8"));
    const [channel] = Object.values(settings.channels) as Record<string, unknown>[];
    Object.assign(channel ?? {}, {
      accessToken: secrets.accessToken,
      appSecrets: [secrets.appSecret, canaries.secret()],
      verifyToken: canaries.secret(),
    });
    await writeFile(stack.config, JSON.stringify({ ...settings, encryption }));
    await stack.graph("PUT", "/secrets", secrets);
  }
  const running: DeskferryProcess[] = [];
  const ended: string[] = [];

  async function start(stack: typeof main, name: string): Promise<string> {
    const app = await startDeskferry(["run", "--config", stack.config, "--log-level", "debug"], {
      onLine: (line) => void outputs.stdout.push(line),
      onError: (text) => void outputs.stderr.push(text),
      onEnd: (how) => void ended.push(how),
    });
    running.push(app);
    await stack.graph("PUT", "/callback", { url: `${app.url}/webhooks/channels/${name}` });
    await stack.desk("PUT", "/callback", { url: `${app.url}/webhooks/connections/${name}` });
    return app.url;
  }

  return {
    main,
    crashing,
    redis,
    home,
    temporary,
    outputs,
    ended,
    start: () => start(main, `canaries-${process.pid}`),
    startAngry: () => start(crashing, `angry-${process.pid}`),
    /** `deskferry ARGS…` as an operator types it; what it prints is kept. */
    async deskferry(...args: string[]): Promise<string> {
      const said = await run([...commandLine, ...args]);
      outputs.commands.push(said.stdout, said.stderr);
      return said.stdout + said.stderr;
    },
    /** The same for a command that is there to print what is personal: its stdout is not kept. */
    async deskferryAside(...args: string[]): Promise<string> {
      const said = await run([...commandLine, ...args]);
      outputs.commands.push(said.stderr);
      return said.stdout;
    },
    /** A request from outside; its answer is kept, headers included. */
    async ask(url: string, init: RequestInit = {}): Promise<number> {
      const answer = await fetch(url, init);
      const text = await answer.text();
      outputs.answers.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
      return answer.status;
    },
    signed(body: string): Record<string, string> {
      const hmac = createHmac("sha256", secrets.appSecret).update(body).digest("hex");
      return { "X-Hub-Signature-256": `sha256=${hmac}` };
    },
    signedByDesk(body: string): Record<string, string> {
      const time = String(Math.floor(Date.now() / 1000));
      const hmac = createHmac("sha256", sandbox.webhookSecret).update(`${time}.${body}`).digest("hex");
      return { "X-Sandbox-Timestamp": time, "X-Sandbox-Signature": `sha256=${hmac}` };
    },
    stopApps: () => Promise.all(running.map((app) => app.stop())),
    /** Names and contents of every file that was left in the temporary folder, but for the settings themselves. */
    async readDisk(): Promise<void> {
      for (const entry of await readdir(temporary, { recursive: true, withFileTypes: true })) {
        const file = path.join(entry.parentPath, entry.name);
        outputs.disk.push(file);
        if (entry.isFile() && entry.name !== "deskferry.yaml")
          outputs.disk.push(await readFile(file, "latin1"));
      }
    },
    /** All that Redis has written: the append-only file since the beginning, and a dump of now. */
    async readRedis(): Promise<void> {
      const client = new Redis(redis.url);
      await client.save();
      const [, folder = ""] = (await client.config("GET", "dir")) as string[];
      await client.quit();
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (entry.isFile() && /aof|rdb/.test(entry.name))
          outputs.redis.push(entry.name, await readFile(path.join(entry.parentPath, entry.name), "latin1"));
      }
    },
    async stop() {
      await Promise.all(running.map((app) => app.kill()));
      await main.stop();
      await crashing.stop();
      await redis.stop();
      if (given === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = given;
      await rm(home, { recursive: true, force: true });
    },
  };
}
