import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { DeskLedger } from "../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../src/sandbox/graph/entries.ts";
import type { Stage } from "./demo-stage.ts";

/** One line of what happened, counted from the ledgers of phone and helpdesk. */
export interface Finding {
  what: string;
  wanted: string;
  found: string;
}

const PATIENCE_MS = 20_000;
const QUIET_MS = 600;
const ana = { phone: "+447700900142", name: "Ana Ferreira" };
const maya = { id: "maya", name: "Maya" };
const reply = "Thank you, Ana. A team will look at it tonight. 🔧 عمل جيد";
const secret = "Budget for this is nearly used up.";
const photos = ["street-lamp.jpg", "pothole.jpg", "fallen-branch.jpg", "leaking-pipe.jpg"].map((name) =>
  readFileSync(fileURLToPath(new URL(`../src/sandbox/pages/samples/${name}`, import.meta.url))),
);

export interface PlayOptions {
  stage: Pick<Stage, "graphUrl" | "deskUrl">;
  step<T>(what: string, work: Promise<T>): Promise<T>;
}

/** Plays one conversation: text, photo, album of four, status change, staff reply, closing. */
export async function play({ stage, step }: PlayOptions): Promise<Finding[]> {
  const phone = (body: object) =>
    send(`${stage.graphUrl}/sandbox/messages`, "POST", { person: ana, ...body });
  const graph = () => read<GraphLedger>(`${stage.graphUrl}/sandbox/ledger`);
  const desk = () => read<DeskLedger>(`${stage.deskUrl}/sandbox/ledger`);
  const comments = async (count: number) => ((await desk()).tickets[0]?.comments.length ?? 0) >= count;
  const sends = async (count: number) => (await graph()).sends.length >= count;

  await phone({ text: "The street light outside 14 Mill Lane has been out since Monday." });
  await step(
    "text",
    until("the text", () => comments(1)),
  );
  await phone({ type: "image", text: "This one, by the bus stop.", media: photo(0) });
  await step(
    "photo",
    until("the photo", () => comments(2)),
  );
  await phone({
    delivery: "album",
    messages: photos.map((_, index) => ({ type: "image", media: photo(index) })),
  });
  await step(
    "album of four",
    until("the album", () => comments(6)),
  );

  const ticket = `${stage.deskUrl}/sandbox/tickets/${(await desk()).tickets[0]?.id}`;
  const move = (status: string) => send(ticket, "PATCH", { agent: maya, status });
  const say = (body: string, visibility: string) =>
    send(`${ticket}/comments`, "POST", { agent: maya, body, visibility });
  await move("waiting");
  await step(
    "status change",
    until("the template for waiting", () => sends(1)),
  );
  await say(secret, "internal");
  await say(reply, "public");
  await step(
    "staff reply",
    until("the reply", () => sends(2)),
  );
  await move("resolved");
  await step(
    "closing",
    until("the template for solved", () => sends(3)),
  );
  await move("closed");
  await step(
    "receipts",
    until("all receipts", async () => isSettled(await graph(), await desk())),
  );
  await sleep(QUIET_MS);
  return judge(await graph(), await desk());
}

function photo(index: number) {
  return { mimeType: "image/jpeg", base64: (photos[index] ?? Buffer.alloc(0)).toString("base64") };
}

function isSettled(graph: GraphLedger, desk: DeskLedger): boolean {
  const reads = graph.statuses.filter((status) => status.state === "read").length;
  return reads >= graph.sends.length && graph.pendingWebhooks === 0 && desk.pendingWebhooks === 0;
}

/** What the ledgers show, beside what they should. */
export function judge(graph: GraphLedger, desk: DeskLedger): Finding[] {
  const [ticket] = desk.tickets;
  const fromPerson = ticket?.comments.filter((comment) => comment.contact_id !== undefined) ?? [];
  const files = fromPerson.flatMap((comment) => comment.attachments.map((file) => file.sha256));
  const sent = [photos[0] ?? "", ...photos].map((bytes) => createHash("sha256").update(bytes).digest("hex"));
  const states = (state: string) => graph.statuses.filter((status) => status.state === state).length;
  const refusals = [...graph.webhooks, ...desk.webhooks].filter((webhook) => webhook.status !== 200);
  return [
    finding("contacts in the helpdesk", 1, desk.contacts.length),
    finding("tickets for 6 messages", 1, desk.tickets.length),
    finding("comments from the phone", 6, fromPerson.length),
    finding("first the text, then the photo", "text, photo", fromPerson.slice(0, 2).map(kindOf).join(", ")),
    finding("files, byte for byte", sent.length, same(files, sent)),
    finding("template when staff wait for an answer", "ticket_waiting", graph.sends[0]?.template?.name),
    finding(
      "staff reply, as text and word for word",
      true,
      graph.sends[1]?.text === reply && !graph.sends[1].template,
    ),
    finding("template when staff solve it", "ticket_solved", graph.sends[2]?.template?.name),
    finding("messages sent to the phone, no echo among them", 3, graph.sends.length),
    finding(
      "private notes sent to the phone",
      0,
      graph.sends.filter((each) => each.text.includes(secret)).length,
    ),
    finding(
      "receipts: sent, delivered, read",
      "3, 3, 3",
      ["sent", "delivered", "read"].map(states).join(", "),
    ),
    finding("status of the ticket in the end", "closed", ticket?.status),
    finding("webhooks not answered with 200", 0, refusals.length),
  ];
}

function kindOf(comment: { attachments: unknown[] }): string {
  return comment.attachments.length > 0 ? "photo" : "text";
}

/** How many of the wanted files are there, each counted once. */
function same(found: string[], wanted: string[]): number {
  const left = [...found];
  return wanted.filter((hash) => {
    const index = left.indexOf(hash);
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  }).length;
}

function finding(
  what: string,
  wanted: string | number | boolean,
  found: string | number | boolean | undefined,
): Finding {
  return { what, wanted: String(wanted), found: String(found ?? "nothing") };
}

/** The findings as a table; each line ends in ok or not ok. */
export function table(findings: Finding[]): string {
  const width = (key: keyof Finding) => Math.max(key.length, ...findings.map((each) => each[key].length));
  const [what, wanted, found] = [width("what"), width("wanted"), width("found")];
  const line = (each: Finding, end: string) =>
    `${each.what.padEnd(what)}  ${each.wanted.padEnd(wanted)}  ${each.found.padEnd(found)}  ${end}`.trimEnd();
  const head = { what: "", wanted: "wanted", found: "found" };
  return [line(head, ""), ...findings.map((each) => line(each, isOk(each) ? "ok" : "not ok"))].join("\n");
}

export function isOk(finding: Finding): boolean {
  return finding.wanted === finding.found;
}

async function send(url: string, method: string, body: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${await answer.text()}`);
}

async function read<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

/** Polls until `check` holds. Throws after 20 s with what was waited for. */
async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${what} did not arrive within ${PATIENCE_MS / 1000} s`);
    await sleep(50);
  }
}
