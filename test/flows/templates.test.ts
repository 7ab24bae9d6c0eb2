import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { sampleTemplates } from "../../src/sandbox/graph/sample-templates.ts";
import { commandLine } from "../support/command-line.ts";
import { redisUrl } from "../support/redis.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const name = `templates-${process.pid}`;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ redisUrl: redisUrl(), name });
});
beforeEach(() => putTemplates(sampleTemplates));
afterAll(() => stack.stop());

const putTemplates = (templates: unknown) => stack.graph("PUT", "/templates", templates);

/** As Meta does it: the status changes, and a webhook tells so. */
const setStatus = (template: string, status: string, language = "en") =>
  stack.graph("PATCH", "/templates", { name: template, language, status });

/** `deskferry ARGS…`, as an operator types it: what it printed, and its exit code. */
async function deskferry(args: string[], config = stack.config) {
  const answer = await run(process.execPath, [...commandLine, ...args, "--config", config]).catch(
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  return { out: answer.stdout, err: answer.stderr, code: "code" in answer ? answer.code : 0 };
}

/** Settings like the stack's without something. */
async function settingsWithout(...path: [string, string, string]): Promise<string> {
  const settings = JSON.parse(await readFile(stack.config, "utf8"));
  const [group, member, key] = path;
  delete settings[group][member][key];
  const file = `${stack.config}.${key}.yaml`;
  await writeFile(file, JSON.stringify(settings));
  return file;
}

it("P15: templates list tells name, language, status, category and parameters", async () => {
  const { out, code } = await deskferry(["templates", "list"]);
  expect(code).toBe(0);
  expect(out.trimEnd().split("\n")).toEqual([
    `channels.${name}  staff_reply  en  APPROVED  UTILITY  body {{1}}`,
    `channels.${name}  ticket_solved  en  APPROVED  UTILITY  body {{1}} {{2}}`,
    `channels.${name}  ticket_waiting  en  APPROVED  UTILITY  body {{1}} {{2}}`,
  ]);
});

it("P14: templates check is content with what the sandbox's mapping and settings send", async () => {
  const { out, code } = await deskferry(["templates", "check"]);
  expect(code).toBe(0);
  expect(out).toContain("staff_reply (en), ticket_solved (en), ticket_waiting (en)");
});

it("P14, P15: check refuses a route whose templates are missing, in another language, paused or take others", async () => {
  const [solved, waiting, reply] = sampleTemplates;
  await putTemplates([
    { ...solved, status: "PAUSED" },
    { ...waiting, language: "es" },
    { ...reply, components: [{ type: "BODY", text: "From {{1}}: {{2}} Write to us here." }] },
  ]);
  const whole = await deskferry(["check"]);
  const alone = await deskferry(["templates", "check"]);
  for (const { out, code } of [whole, alone]) {
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^FAIL  templates for channels\\.${name}$`, "m"));
    expect(out).toMatch(/confirmation: the template ticket_solved \(en\) is PAUSED/);
    expect(out).toMatch(/confirmation: the template ticket_waiting is not there in en, only in es/);
    expect(out).toMatch(
      /replyTemplate: the template staff_reply \(en\) takes 2 numbered .* given 1 in a list/,
    );
    expect(out).toContain("1 of these will not work.");
  }
  expect(whole.out).toMatch(new RegExp(`^ok {4}channels\\.${name}$`, "m"));

  await putTemplates([solved, reply]);
  const { out } = await deskferry(["templates", "check"]);
  expect(out).toMatch(/confirmation: the account has no template ticket_waiting/);
});

it("without the account's id the check says that it cannot compare, and is content", async () => {
  await putTemplates([]);
  const config = await settingsWithout("channels", name, "businessAccountId");
  const checked = await deskferry(["check"], config);
  expect(checked.code).toBe(0);
  expect(checked.out).toMatch(/not compared: .*set businessAccountId/);
  const listed = await deskferry(["templates", "list"], config);
  expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/cannot list .*businessAccountId/) });
});

it("an account that cannot be asked is a failure", async () => {
  await stack.graph("POST", "/faults", { operation: "templates", status: 403, times: 2 });
  expect((await deskferry(["templates", "list"])).code).toBe(1);
  const checked = await deskferry(["templates", "check"]);
  expect(checked.code).toBe(1);
  expect(checked.out).toMatch(/list the templates: /);
});

it("P14, P15: a confirmation whose template is paused is not tried at Meta; staff and operators read why", async () => {
  await stack.start("all");
  await stack.graph("POST", "/messages", {
    person: { phone: "+447700900172" },
    text: "No light",
    wait: true,
  });
  const [ticket] = await until("the ticket", async () => {
    const { tickets } = await stack.deskLedger();
    return tickets[0]?.comments.length === 1 && tickets;
  });
  await setStatus("ticket_solved", "PAUSED");
  await stack.desk("PATCH", `/tickets/${ticket?.id}`, { status: "resolved" });

  const note = await until("the note", async () => {
    const { tickets } = await stack.deskLedger();
    return tickets[0]?.comments.find(({ visibility }) => visibility !== "public");
  });
  expect(note.body).toMatch(/was not sent to WhatsApp: the template ticket_solved \(en\) is PAUSED/);
  const { out } = await deskferry(["dead", "list"]);
  expect(out).toMatch(/ticket\.changed {2}rejected {2}.*ticket_solved \(en\) is PAUSED/);
  expect(await stack.graphLedger()).toMatchObject({ sends: [], refused: [] });
});
