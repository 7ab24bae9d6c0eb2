import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import sandboxConnector from "../../connectors/sandbox/index.ts";
import {
  control,
  pointCallbacks,
  sandbox,
  sandboxConnection,
  settingsText,
} from "../../scripts/sandbox-settings.ts";
import { ownPlugins } from "../../src/app/settings.ts";
import { type Role, startApp } from "../../src/app/start.ts";
import { openConfig } from "../../src/config/load.ts";
import type { DeskLedger } from "../../src/sandbox/desk/reads.ts";
import { startDesk } from "../../src/sandbox/desk/server.ts";
import type { GraphLedger } from "../../src/sandbox/graph/entries.ts";
import { startGraph } from "../../src/sandbox/graph/server.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";

type Secrets = Record<"TOKEN" | "APP_SECRET" | "DESK_TOKEN", string>;
const first: Secrets = { TOKEN: "canary-token-1", APP_SECRET: "canary-app-1", DESK_TOKEN: "canary-desk-1" };
const PEOPLE = 5;
const MINUTE = 60_000;

/** A folder as Kubernetes makes it of a secret: links to a link to a folder, of which the middle one is swapped. */
async function mountedSecrets() {
  const folder = await mkdtemp(path.join(tmpdir(), "deskferry-mounted-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let version = 0;
  let current: Secrets = first;
  async function put(change: Partial<Secrets>): Promise<void> {
    current = { ...current, ...change };
    const name = `..v${++version}`;
    await mkdir(path.join(folder, name));
    for (const [file, text] of Object.entries(current))
      await writeFile(path.join(folder, name, file), `${text}\n`);
    await symlink(name, path.join(folder, "..tmp"));
    await rename(path.join(folder, "..tmp"), path.join(folder, "..data"));
  }
  await put({});
  for (const file of Object.keys(first)) await symlink(`..data/${file}`, path.join(folder, file));
  const env = Object.fromEntries(Object.keys(first).map((name) => [`${name}_FILE`, path.join(folder, name)]));
  return { folder, env, put };
}

/** Both sides and, between them, one process that takes webhooks and one that works, all on secret files. */
async function setUp() {
  const secrets = await mountedSecrets();
  const name = `secrets-${process.pid}`;
  const { phoneNumberId, businessAccountId, verifyToken, webhookSecret } = sandbox;
  const graph = await startGraph({
    numbers: [
      {
        phoneNumberId,
        wabaId: businessAccountId,
        displayPhoneNumber: "+44 1632 960961",
        verifiedName: "Sandbox Council",
        accessToken: first.TOKEN,
        appSecret: first.APP_SECRET,
        verifyToken,
      },
    ],
    templates: [],
  });
  onTestFinished(() => graph.stop());
  const deskOptions = { token: first.DESK_TOKEN, webhookSecret };
  const desk = await startDesk(deskOptions);
  onTestFinished(() => desk.stop());

  const connection = { ...sandboxConnection(desk.url), token: `\${DESK_TOKEN}` };
  const text = settingsText({
    redisUrl: redisUrl(),
    graphUrl: graph.url,
    name,
    connection,
    mapping: "sandbox",
  })
    .replaceAll(`"${sandbox.accessToken}"`, `"\${TOKEN}"`)
    .replaceAll(`"${sandbox.appSecret}"`, `"\${APP_SECRET}"`);
  const config = path.join(secrets.folder, "deskferry.yaml");
  await writeFile(config, text);
  const lines: string[] = [];
  const write = (message: string, fields?: unknown) => void lines.push(JSON.stringify({ message, fields }));
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const plugins = { ...ownPlugins, connectors: { sandbox: sandboxConnector } };
  async function start(role: Role): Promise<string> {
    const { config: settings, ...open } = openConfig(config, plugins, secrets.env);
    const app = await startApp({
      config: settings,
      plugins,
      secrets: open,
      role,
      logger,
      clock: { now: Date.now },
    });
    onTestFinished(() => app.stop());
    return `http://127.0.0.1:${app.port}`;
  }
  const worker = await start("worker");
  const intake = await start("intake");
  await pointCallbacks({ graphUrl: graph.url, deskUrl: desk.url }, intake, name);

  const ledger = async () => (await control(graph.url, "GET", "/ledger")) as GraphLedger;
  const tickets = async () => ((await control(desk.url, "GET", "/ledger")) as DeskLedger).tickets;
  return {
    lines,
    put: secrets.put,
    deskOptions,
    graph: (method: string, address: string, body?: unknown) => control(graph.url, method, address, body),
    tickets,
    sent: async () => (await ledger()).sends.map(({ text }) => text),
    comments: async () => (await tickets()).flatMap((ticket) => ticket.comments.map(({ body }) => body)),
    write: (person: number, said: string) =>
      control(graph.url, "POST", "/messages", { person: { phone: `+44770090020${person}` }, text: said }),
    answer: (ticket: string, said: string) =>
      control(desk.url, "POST", `/tickets/${ticket}/comments`, { body: said, visibility: "public" }),
    /** The figure of one process; 0 when it is not there yet. */
    async figure(of: "worker" | "intake", metric: string): Promise<number> {
      const page = await (await fetch(`${of === "worker" ? worker : intake}/metrics`)).text();
      const line = page.split("\n").find((each) => each.startsWith(metric));
      return Number(line?.split(" ").at(-1) ?? 0);
    },
  };
}

it("P22: a token runs out, replies wait without a try; its file is replaced and all go out, 0 lost, 0 doubled", async () => {
  const { write, answer, tickets, sent, comments, graph, put, figure, lines, deskOptions } = await setUp();
  for (let n = 0; n < PEOPLE; n++) await write(n, `Question ${n}`);
  const opened = await until("the tickets", async () => {
    const all = await tickets();
    return all.length === PEOPLE && all.every((ticket) => ticket.comments.length === 1) && all;
  });

  await graph("PUT", "/secrets", { accessToken: "canary-token-2" });
  const replies = opened.flatMap(({ id }) => [1, 2, 3].map((n) => ({ id, text: `Reply ${n} on ${id}` })));
  for (const { id, text } of replies) await answer(id, text);
  await until("the stop", () =>
    figure("worker", "deskferry_channel_stopped").then((stopped) => stopped === 1),
  );
  await until(
    "two tries in vain",
    async () => lines.filter((line) => line.includes("nothing of this channel")).length > 9,
  );
  expect(await sent()).toEqual([]);

  await put({ TOKEN: "" });
  const changes = (outcome: string) => `deskferry_secret_changes_total{outcome="${outcome}"}`;
  for (const role of ["worker", "intake"] as const) {
    await until(`the refusal by ${role}`, async () => (await figure(role, changes("refused"))) === 1);
  }
  expect(lines.filter((line) => line.includes("cannot be used")).join()).toContain("accessToken");

  await put({ TOKEN: "canary-token-2" });
  await until("the replies", async () => (await sent()).length >= replies.length, { withinMs: MINUTE });
  expect((await sent()).sort()).toEqual(replies.map(({ text }) => text).sort());
  expect(await figure("worker", "deskferry_dead_letters")).toBe(0);
  expect((await comments()).filter((body) => body.includes("not sent"))).toEqual([]);
  const waits = lines
    .map((line) => JSON.parse(line))
    .filter(({ fields }) => fields?.lane === "out" && "tries" in fields);
  expect(waits.map(({ fields }) => fields.tries).filter((tries) => tries !== 0)).toEqual([]);

  // The app secret: what Meta signed in between it sends again, and the intake takes it once it knows the secret.
  await graph("PUT", "/secrets", { appSecret: "canary-app-2" });
  await write(0, "Signed with the new secret");
  await put({ APP_SECRET: "canary-app-2" });
  await until("the comment", async () => (await comments()).includes("Signed with the new secret"), {
    withinMs: MINUTE,
  });

  // The helpdesk's token: messages wait, and come in once it is renewed.
  deskOptions.token = "canary-desk-2";
  await write(1, "While the helpdesk refuses us");
  await until("the refusal", () =>
    lines.some((line) => line.includes("the helpdesk refuses the account; all its calls wait")),
  );
  await put({ DESK_TOKEN: "canary-desk-2" });
  await until("the comment", async () => (await comments()).includes("While the helpdesk refuses us"), {
    withinMs: MINUTE,
  });
  const all = await comments();
  expect(all.length).toBe(new Set(all).size);
  // The one that does the work may be the quicker to look.
  for (const role of ["worker", "intake"] as const) {
    await until(`all of them by ${role}`, async () => (await figure(role, changes("taken"))) === 3);
  }
  expect(lines.join("\n")).not.toContain("canary");
}, 180_000);
