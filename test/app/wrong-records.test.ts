import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openOperations } from "../../src/app/operations.ts";
import type { App } from "../../src/app/start.ts";
import { type MappingKind, mappingKinds } from "../../src/domain/records.ts";
import type { DeadLetter } from "../../src/store/letter.ts";
import { goodRecords, type WrongRecord, wrongRecords } from "../mapping/wrong-records.ts";
import { ticketChanged } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { type AppSetup, setUpApp } from "./app-setup.ts";

/** Of each record, spread over its fields and its ways of going wrong. test/mapping/wrong-records.test.ts has them all. */
const OF_EACH = 6;
/** Stands in what people write and in nothing else: wherever it is found, something raw went out. */
const CANARY = "canary-5e1f";

/** A mapping whose texts can be told from what came in. */
const good: Record<MappingKind, string> = {
  contact: `{"name": "mapped name"}`,
  ticket: `{"subject": "mapped subject"}`,
  route: `{"queue": "mapped queue"}`,
  comment: `{"body": "mapped " & $substringAfter(message.text, "${CANARY} ")}`,
  confirmation: `{"text": "mapped " & ticket.subject}`,
};

interface Case {
  wrong: WrongRecord;
  /** Number of the person to whom it happens. */
  person: number;
}

function sample(): Case[] {
  const all = mappingKinds.flatMap((kind) => {
    const wrong = goodRecords.flatMap(([of, record]) => (of === kind ? wrongRecords(kind, record) : []));
    const step = wrong.length / OF_EACH;
    return Array.from({ length: OF_EACH }, (_, index) => wrong[Math.floor(index * step)]);
  });
  return all.flatMap((wrong, index) => (wrong ? [{ wrong, person: index + 1 }] : []));
}

function nameOf({ wrong, person }: Case): string {
  return `${wrong.kind} ${person}`;
}

/** Each file goes wrong for its own persons only. */
function save(folder: string, cases: readonly Case[]): void {
  for (const kind of mappingKinds) {
    const seen = kind === "confirmation" ? "ticket.subject" : `$substringAfter(message.text, "${CANARY} ")`;
    const branches = cases
      .filter(({ wrong }) => wrong.kind === kind)
      .map((each) => `${seen} = "${nameOf(each)}" ? (\n${each.wrong.source}\n) :`);
    writeFileSync(path.join(folder, `${kind}.jsonata`), `${branches.join("\n")}\n${good[kind]}`);
  }
}

it("wrong results of every record wait as dead letters with file, line and field, send nothing raw, and are replayed once mended", async () => {
  const cases = sample();
  expect(cases).toHaveLength(OF_EACH * mappingKinds.length);
  const folder = mkdtempSync(path.join(tmpdir(), "wrong-records-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  save(folder, cases);
  const setup = await setUpApp({ mapping: folder });
  const faulty = await setup.start();

  for (const each of cases) await setup.write(faulty, `${CANARY} ${nameOf(each)}`, each.person);
  await changeTickets(setup, faulty, cases);
  const dead = await until("all dead letters", async () => {
    const letters = await lettersOf(setup);
    return letters.length >= cases.length && letters;
  });
  expect(dead).toHaveLength(cases.length);
  for (const each of cases) expectDead(each, dead);
  await faulty.stop();
  expectNothingRaw(setup);
  const { desk, whatsapp } = setup;
  expect(whatsapp.sent).toEqual([]);
  expect(desk.contacts).toHaveLength(OF_EACH * 4);
  expect(desk.tickets).toHaveLength(OF_EACH * 2);
  expect(publicComments(setup)).toHaveLength(OF_EACH);

  save(folder, []);
  await setup.start();
  const operations = await openOperations(setup);
  for (const { id } of dead) expect(await operations.replay(setup.channel, id)).toBe(true);
  await operations.close();
  await until("all comments", () => publicComments(setup).length === cases.length);
  await until("all confirmations", () => whatsapp.sent.length === OF_EACH);
  expect(publicComments(setup).sort()).toEqual(cases.map((each) => `mapped ${nameOf(each)}`).sort());
  expect(desk.contacts).toHaveLength(cases.length);
  expect(desk.tickets).toHaveLength(cases.length);
  expect(await lettersOf(setup)).toEqual([]);
  expectNothingRaw(setup);
}, 60_000);

/** Staff solve the tickets of those whose confirmation goes wrong. */
async function changeTickets(setup: AppSetup, app: App, cases: Case[]): Promise<void> {
  const confirmed = cases.filter(({ wrong }) => wrong.kind === "confirmation");
  await until("their comments", () => publicComments(setup).length === confirmed.length);
  for (const each of confirmed) {
    const comment = setup.desk.comments.find(({ body }) => body === `mapped ${nameOf(each)}`);
    const ticket = setup.desk.tickets.find(({ id }) => id === comment?.ticketId);
    if (!ticket) throw new Error(`${nameOf(each)} has no ticket`);
    const { id, externalId } = ticket;
    await setup.report(app, [
      ticketChanged({ ticket: { id, externalId, status: "solved", subject: nameOf(each) } }),
    ]);
  }
}

function expectDead(each: Case, letters: DeadLetter[]): void {
  const { wrong } = each;
  const letter = letters.find(({ event }) => JSON.stringify(event).includes(`${nameOf(each)}"`));
  expect(letter, wrong.what).toBeDefined();
  expect(letter?.kind, wrong.what).toMatch(/^(record|evaluate|limit)$/);
  expect(letter?.reason, wrong.what).toMatch(new RegExp(`/${wrong.kind}\\.jsonata:\\d+[: ]`));
  if (!wrong.byExpression) expect(letter?.reason, wrong.what).toContain(wrong.path);
  expect(letter?.mapping, wrong.what).toMatch(new RegExp(`^${wrong.kind}@[0-9a-f]{12}$`));
  expect(letter?.reason, wrong.what).not.toContain(CANARY);
}

async function lettersOf({ store, channel }: AppSetup): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of store.deadLetters.list(channel)) letters.push(letter);
  return letters;
}

function publicComments({ desk }: AppSetup): string[] {
  return desk.comments.filter(({ visibility }) => visibility === "public").map(({ body }) => body);
}

/** Of what came in, the ledgers of helpdesk and WhatsApp hold nothing that a mapping did not make. */
function expectNothingRaw({ desk, whatsapp }: AppSetup): void {
  const records = desk.contacts.map(({ record }) => record);
  const sent = whatsapp.sent.map(({ outbound }) => outbound);
  const ledger = JSON.stringify([records, desk.tickets, desk.comments, sent]);
  expect(ledger).not.toContain(CANARY);
  expect(ledger).not.toContain("Ann");
}
