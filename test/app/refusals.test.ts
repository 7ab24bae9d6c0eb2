import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createAudit } from "../../src/app/audit.ts";
import { attempt } from "../../src/app/check-result.ts";
import { addToRegistry } from "../../src/app/connector-registry.ts";
import { inputOf, readPayloadInput } from "../../src/app/payload-input.ts";
import { readPayload } from "../../src/app/playground-inputs.ts";
import { toPluginExpressions } from "../../src/app/plugin-expressions.ts";
import { pollJobs } from "../../src/app/poll-jobs.ts";
import { recordInputs } from "../../src/app/record-inputs.ts";
import { renewSecrets } from "../../src/app/renew-secrets.ts";
import { copyFolder, packaged, refuseExisting } from "../../src/app/scaffold-files.ts";
import { ConfigError } from "../../src/config/errors.ts";
import { RetryLater } from "../../src/domain/failure.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { messageReceived } from "../support/builders.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "app-refusals-"));
});
afterAll(() => rm(root, { recursive: true }));

const logger = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });
const counter = () => ({ inc: vi.fn() });
const clock = { now: () => Date.parse("2026-11-22T00:00:00Z") };

test("a registry of connectors is added to in the order of names; one without a line is left alone", () => {
  const text = [
    "export const connectors = {",
    '  jira: () => import("./jira/index.ts"),',
    '  "request-tracker": () => import("./request-tracker/index.ts"),',
    "};",
  ].join("\n");
  const lines = (name: string) => addToRegistry(text, name).split("\n");
  expect(lines("acme")[1]).toBe('  acme: () => import("./acme/index.ts"),');
  expect(lines("my-desk")[2]).toBe('  "my-desk": () => import("./my-desk/index.ts"),');
  expect(lines("zoo")[3]).toBe('  zoo: () => import("./zoo/index.ts"),');
  expect(() => addToRegistry("export const connectors = {};", "acme")).toThrow("Add one by hand");
});

test("a look that throws is a problem in the best words there are for it", async () => {
  const problems = async (error: unknown) => (await attempt("redis", () => Promise.reject(error))).problems;
  expect(await problems(new RetryLater("wait for a receipt", 10))).toEqual(["wait for a receipt"]);
  expect(await problems(new Error("no answer"))).toEqual(["no answer"]);
  expect(await problems("odd")).toEqual(["unknown error"]);
  expect(await attempt("redis", async () => ({ lines: ["answers"] }))).toEqual({
    what: "redis",
    lines: ["answers"],
    problems: [],
  });
});

const meta = (messages: object[], statuses: object[] = []) => {
  const metadata = { display_phone_number: "441632960961", phone_number_id: "1" };
  const contacts = [{ wa_id: "447700900123", profile: { name: "Ana" } }];
  const value = { messaging_product: "whatsapp", metadata, contacts, messages, statuses };
  const changes = [{ field: "messages", value }];
  return JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "2", changes }] });
};
const hello = {
  from: "447700900123",
  id: "wamid.1",
  timestamp: "1795255200",
  type: "text",
  text: { body: "hello" },
};
const sent = { id: "wamid.2", status: "sent", timestamp: "1795255200", recipient_id: "447700900123" };

test("a recorded payload gives the input of its message, or says why it gives none", async () => {
  await writeFile(join(root, "hook.json"), meta([hello]));
  const read = (changed: object) => {
    const reference = { file: "hook.json", message: 0, channelType: "meta", channel: "city", ...changed };
    return readPayloadInput(reference, { folder: root, kind: "ticket" });
  };
  expect(await read({})).toMatchObject({ channel: "city", message: { text: "hello" } });
  await expect(read({ message: 1 })).rejects.toThrow("holds 1 messages, and none at place 1. Count from 0");
  await expect(read({ file: "none.json" })).rejects.toThrow("none.json cannot be read (ENOENT)");
  for (const channelType of ["pigeon", "toString"]) {
    await expect(read({ channelType })).rejects.toThrow(`no channel type "${channelType}". Known are: meta`);
  }
});

test("only the comment of a message with a file is told the file's name", () => {
  const media = { id: "1", mimeType: "image/jpeg" };
  const event = messageReceived({ message: { type: "image", media } as never });
  expect(inputOf(event, "comment", "city")).toMatchObject({
    attachment: { name: expect.stringMatching(/\.jpe?g$/) },
  });
  expect(inputOf(event, "ticket", "city")).not.toHaveProperty("attachment");
  expect(inputOf(messageReceived(), "comment", "city")).not.toHaveProperty("attachment");
});

test("the playground shows inputs, and what no mapping is asked for; of an unknown channel type nothing", () => {
  const { found, left } = readPayload("meta", meta([hello], [sent]));
  expect(found.map(({ title }) => title)).toEqual(["text: hello"]);
  expect(found[0]?.inputs).not.toHaveProperty("confirmation");
  expect(left).toEqual(["receipt.updated: no mapping file is asked"]);
  const [kept] = readPayload("meta", meta([{ from: "447700900123" }])).left;
  expect(kept).toMatch(/^kept in quarantine: /);
  expect(readPayload("pigeon", "{}")).toEqual({ found: [], left: [] });
});

test("connectors get an expression's failure as one of their own", async () => {
  const reject = (error: unknown) => () => Promise.reject(error);
  const failureOf = async (error: unknown) => {
    const expressions = toPluginExpressions({ compile: reject(error), evaluate: reject(error) });
    const expression = { source: "1", place: "feed.items" };
    const failures = [expressions.compile(expression), expressions.evaluate(expression, {})];
    const [first, second] = await Promise.all(failures.map((one) => one.catch((thrown: unknown) => thrown)));
    expect(first).toBeInstanceOf(PluginError);
    expect(second).toMatchObject({ code: (first as PluginError).code });
    return first as PluginError;
  };
  const mapping = (kind: "compile" | "evaluate") =>
    new MappingError({ kind, file: "feed.items", reason: "no" });
  expect(await failureOf(mapping("compile"))).toMatchObject({ kind: "config", code: "expression_compile" });
  expect(await failureOf(mapping("evaluate"))).toMatchObject({
    kind: "rejected",
    code: "expression_evaluate",
  });
  expect((await failureOf(new Error("no child starts"))).operatorMessage).toContain("(no child starts)");
  expect(await failureOf("odd")).toMatchObject({
    kind: "unavailable",
    operatorMessage: expect.stringContaining("unknown"),
  });
});

test("what somebody wrote is not overwritten, and a part that the package lacks is named", async () => {
  const mine = join(root, "mine");
  await mkdir(mine);
  await expect(refuseExisting([join(root, "new"), mine])).rejects.toThrow("mine is there already");
  await expect(copyFolder("templates/connector/guide", mine)).rejects.toThrow("mine is there already");
  await expect(copyFolder("templates/connector/guide", join(root, "x".repeat(300)))).rejects.toThrow(
    "ENAMETOOLONG",
  );
  await expect(packaged("no/such/part")).rejects.toThrow("Install Deskferry again");
});

function jobsOf(settings: object | undefined, connector: object, polling: object = {}) {
  const connections = settings ? { desk: settings } : {};
  return pollJobs({
    config: { connections },
    parts: { connectors: new Map([["desk", connector]]) },
    store: { polling },
    taking: { fromConnection: async () => undefined },
  } as never);
}

test("a helpdesk is asked for changes as often as its settings and abilities say", () => {
  const listChanges = async () => ({ events: [], cursor: "1", more: false });
  const able = (...changes: string[]) => ({ listChanges, capabilities: { changes } });
  const every = (settings: object | undefined, connector: object) =>
    jobsOf(settings, connector).map(({ everyMs }) => everyMs);
  expect(every({ pollSeconds: 5 }, able("poll"))).toEqual([5000]);
  expect(every({ reconcileMinutes: 10 }, able("push", "poll"))).toEqual([600_000]);
  expect(every({}, able("push", "poll"))).toEqual([]);
  expect(every({ reconcileMinutes: 10 }, able("push"))).toEqual([]);
  expect(every({ pollSeconds: 5 }, { capabilities: { changes: ["push"] } })).toEqual([]);
  expect(every(undefined, able("poll"))).toEqual([]);
});

test("one process polls at a time; what is put off waits for the next round, what fails is told", async () => {
  const listChanges = vi.fn().mockRejectedValueOnce(new RetryLater("its turn comes later", 10));
  listChanges.mockRejectedValueOnce(new Error("the helpdesk is down"));
  const lease = vi.fn().mockResolvedValue(true).mockResolvedValueOnce(false);
  const connector = { listChanges, capabilities: { changes: ["poll"] } };
  const polling = { lease, cursor: async () => "1", saveCursor: async () => undefined };
  const [job] = jobsOf({ pollSeconds: 5 }, connector, polling);
  await job?.run();
  expect(listChanges).not.toHaveBeenCalled();
  await job?.run();
  expect(listChanges).toHaveBeenCalledTimes(1);
  await expect(job?.run()).rejects.toThrow("the helpdesk is down");
  expect(lease).toHaveBeenCalledWith("desk", expect.stringContaining("/"), 15_000);
});

test("a recording that fails holds up no event and is told without the input", async () => {
  const log = logger();
  const map = vi.fn().mockResolvedValue({ record: { name: "Ana" }, version: "1" });
  const recordings = { key: () => Promise.reject(new Error("READONLY")) };
  const options = (enabled: boolean) =>
    ({
      recording: { enabled, maxEvents: 1, maxAgeDays: 1, keepWords: [] },
      recordings,
      clock,
      logger: log,
    }) as never;
  const mapper = { map };
  expect(recordInputs(mapper, "city", options(false))).toBe(mapper);
  const recording = recordInputs(mapper, "city", options(true));
  const input = { channel: "city", person: { name: "Ana" }, message: { id: "m" } };
  expect((await recording.map("folder", "contact", input)).record).toEqual({ name: "Ana" });
  await vi.waitFor(() => expect(log.warn).toHaveBeenCalledOnce());
  expect(log.warn).toHaveBeenCalledWith(expect.any(String), { channel: "city", kind: "contact" });
});

test("an entry of the audit log that cannot be written is told and counted; a good one is logged if asked for", async () => {
  const log = logger();
  const auditFailed = counter();
  const append = vi.fn().mockImplementation(async (_channel, seal) => seal(undefined));
  const options = {
    audits: { append, trim: vi.fn() },
    by: "system",
    clock,
    logger: log,
    metrics: { auditFailed },
  };
  const audit = (shown: boolean) =>
    createAudit({ ...options, settings: { log: shown, keepDays: 1 } } as never);
  const deed = { what: "channel.resumed", detail: {} } as const;
  await audit(true).note(["city"], deed);
  expect(log.info).toHaveBeenCalledWith(
    expect.any(String),
    expect.objectContaining({ what: "channel.resumed" }),
  );
  await audit(false).note(["city"], deed);
  expect(log.info).toHaveBeenCalledOnce();
  for (const error of [new TypeError("closed"), "odd"]) {
    append.mockRejectedValueOnce(error);
    await audit(true).note(["city"], deed);
  }
  expect(auditFailed.inc).toHaveBeenCalledTimes(2);
  expect(log.error.mock.calls.map(([, fields]) => fields.reason)).toEqual(["TypeError", "string"]);
  append.mockRejectedValueOnce(new Error("closed"));
  await expect(audit(true).record(["city"], deed)).rejects.toThrow("closed");
});

test.each([
  [
    "settings that are wrong",
    new ConfigError("deskferry.yaml", [
      { path: "channels.city.token", reason: "is empty", remedy: "Give it" },
    ]),
    "channels.city.token: is empty",
  ],
  ["a plugin's refusal", new RetryLater("the token has another form", 10), "the token has another form"],
  ["an error nobody foresaw", new TypeError("canary"), "TypeError"],
  ["what is no error", "canary", "unknown error"],
])(
  "new secrets that cannot be used are refused with the reason and no value: %s",
  async (_name, error, reason) => {
    const log = logger();
    const note = vi.fn().mockResolvedValue(undefined);
    const secretChanges = counter();
    const job = renewSecrets({
      secrets: {
        secretFiles: { haveChanged: async () => true },
        reload: () => {
          throw error;
        },
      },
      config: { channels: { city: {} } },
      metrics: { secretChanges },
      audit: { note },
      logger: log,
    } as never);
    await job.run();
    expect(log.error).toHaveBeenCalledWith(expect.any(String), { reason: [reason] });
    expect(note).toHaveBeenCalledWith(["city"], { what: "secrets.refused", detail: { reason } });
    expect(secretChanges.inc).toHaveBeenCalledWith({ outcome: "refused" });
  },
);
