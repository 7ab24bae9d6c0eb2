import assert from "node:assert/strict";
import type { CommentAdded, HelpdeskEvent, TicketChanged } from "../../domain/event.ts";
import type { TicketStatus } from "../../domain/ticket.ts";
import type { Bench } from "./bench.ts";
import { commentOn, messageId } from "./comments-group.ts";

/** Waits for the first event that matches, by webhook or by polling; undefined when it does not come. */
export type Observe = (matches: (event: HelpdeskEvent) => boolean) => Promise<HelpdeskEvent | undefined>;

export const isComment = (event: HelpdeskEvent, text: string): event is CommentAdded =>
  event.type === "comment.added" && event.body.includes(text);

export const isChange = (event: HelpdeskEvent, ticketId: string, to: TicketStatus): event is TicketChanged =>
  event.type === "ticket.changed" && event.ticket.id === ticketId && event.to === to;

export async function checkReply(bench: Bench, observe: Observe): Promise<void> {
  const { id, externalId } = await bench.ticket();
  const text = `Dear Ann, it's fixed ✓ ${bench.unique()}`;
  await bench.harness.staff.reply(id, text);
  const event = await observe((candidate) => isComment(candidate, text));
  assert.ok(event?.type === "comment.added", "the reply did not arrive");
  assert.equal(event.visibility, "public");
  assert.equal(event.body.trim(), text);
  assert.deepEqual(event.attachments, []);
  assert.equal(event.externalId, undefined, "staff's reply carries an id of ours");
  checkOrigin(event, id, externalId);
}

/** Everything inside must stay inside: the event says so, or there is none. */
export async function checkNote(bench: Bench, observe: Observe): Promise<void> {
  const { id, externalId } = await bench.ticket();
  const { staff } = bench.harness;
  assert.ok(staff.note, "the harness lacks staff.note, though the connector declares internalComments");
  const text = `She called twice already ${bench.unique()}`;
  await staff.note(id, text);
  const event = await observe((candidate) => isComment(candidate, text));
  if (!event) return;
  assert.ok(event.type === "comment.added");
  assert.equal(event.visibility, "internal");
  checkOrigin(event, id, externalId);
}

export async function checkStatus(bench: Bench, observe: Observe): Promise<void> {
  const { id, externalId } = await bench.ticket();
  for (const status of ["pending", "solved"] as const) {
    await bench.harness.staff.setStatus(id, status);
    const event = await observe((candidate) => isChange(candidate, id, status));
    assert.ok(event, `the change to ${status} did not arrive`);
    assert.equal(event.ticket.status, status);
    checkOrigin(event, id, externalId);
  }
}

function checkOrigin(event: HelpdeskEvent, ticketId: string, externalId: string): void {
  assert.equal(event.ticket.id, ticketId);
  // The way back is found by link too, where the helpdesk does not send our id along.
  assert.ok(
    [externalId, undefined].includes(event.ticket.externalId),
    "the ticket carries another id of ours",
  );
  assert.equal(event.author.isUs, false, "staff is taken for us");
  assert.notEqual(event.id, "");
  assert.ok(!Number.isNaN(Date.parse(event.at)), `${event.at} is no time`);
}

/** Writes as we do, and has staff write afterwards: when that arrives, all of ours has. */
export async function writeAndWait(
  bench: Bench,
  observe: Observe,
): Promise<{ isOwn(event: HelpdeskEvent): boolean }> {
  const { id } = await bench.ticket();
  const ours = `our own words ${bench.unique()}`;
  await bench.connector.addComment(commentOn(id, messageId(bench), { body: ours }));
  await bench.connector.updateTicket?.(id, { status: "pending" });
  const theirs = `words of staff ${bench.unique()}`;
  await bench.harness.staff.reply(id, theirs);
  assert.ok(await observe((event) => isComment(event, theirs)), "the reply did not arrive");
  return { isOwn: (event) => isComment(event, ours) || isChange(event, id, "pending") };
}
