import assert from "node:assert/strict";
import type { NewComment, RecordRef } from "../connector.ts";
import { type Bench, becomesTickets, eventually } from "./bench.ts";
import { assertKind } from "./error-kinds.ts";
import type { Group } from "./group.ts";
import type { SeenComment } from "./harness.ts";
import { missingTicket, settleMs } from "./tickets-group.ts";

export function commentOn(ticketId: string, externalId: string, more: Partial<NewComment> = {}): NewComment {
  return { ticketId, externalId, body: "Hello", visibility: "public", attachments: [], ...more };
}

/** Ids of messages on WhatsApp look like this. */
export const messageId = ({ unique }: Bench) => `wamid.HBgMNDQ3NzAw+${unique()}/A==`;

/** Says it on a new ticket, or as one, and finds by `marker` what the helpdesk then shows. */
export async function say(
  bench: Bench,
  marker: string,
  words: Pick<NewComment, "body"> & Partial<NewComment>,
): Promise<SeenComment | undefined> {
  const { id } = await (becomesTickets(bench.connector)
    ? sayAsTicket(bench, words)
    : sayOnTicket(bench, words));
  return (await bench.harness.commentsOf(id)).find(({ body }) => body.includes(marker));
}

async function sayAsTicket(bench: Bench, words: Partial<NewComment>): Promise<RecordRef> {
  const { body = "", attachments = [] } = words;
  return bench.connector.createTicket(await bench.newTicket({ subject: "Said" }, { body, attachments }));
}

async function sayOnTicket(bench: Bench, words: Partial<NewComment>): Promise<RecordRef> {
  const ticket = await bench.ticket();
  await bench.connector.addComment(commentOn(ticket.id, messageId(bench), words));
  return ticket;
}

export const commentsGroup: Group = {
  define({ example, test }) {
    const { idempotency, internalComments } = example.capabilities;
    if (becomesTickets(example)) {
      test("contacts and comments are refused with a reason, as messages become tickets", async (bench) => {
        const { connector } = bench;
        const { key, name } = bench.person();
        const { id } = await bench.ticket();
        const calls = [
          () => connector.upsertContact(key, { name }),
          () => connector.addComment(commentOn(id, messageId(bench))),
        ];
        for (const call of calls) {
          bench.proxy.clear();
          await assertKind(call, ["rejected"]);
          assert.equal(bench.proxy.passed.length, 0, "the helpdesk was asked");
        }
      });
      return;
    }
    test("P10: comments appear once each, in their order", async (bench) => {
      const { id } = await bench.ticket();
      const bodies = ["one", "two", "three", "four", "five"].map((word) => `${word} ${bench.unique()}`);
      for (const body of bodies) await bench.connector.addComment(commentOn(id, messageId(bench), { body }));
      const seen = (await bench.harness.commentsOf(id)).map(({ body }) => body.trim());
      assert.deepEqual(
        seen.filter((body) => bodies.includes(body)),
        bodies,
      );
    });
    test("P19: an internal comment is hidden from the person, or refused", async (bench) => {
      const { id } = await bench.ticket();
      const note = commentOn(id, messageId(bench), { body: "for staff only", visibility: "internal" });
      if (!internalComments) {
        await assertKind(() => bench.connector.addComment(note), ["rejected"]);
        return;
      }
      await bench.connector.addComment(note);
      await bench.connector.addComment(commentOn(id, messageId(bench), { body: "for the person" }));
      const seen = await bench.harness.commentsOf(id);
      const visibilityOf = (text: string) => seen.find(({ body }) => body.includes(text))?.visibility;
      assert.equal(visibilityOf("for staff only"), "internal");
      assert.equal(visibilityOf("for the person"), "public");
    });
    if (idempotency.class === "A") {
      test("a comment that is repeated appears once", async (bench) => {
        const { id } = await bench.ticket();
        const comment = commentOn(id, messageId(bench), { body: `again ${bench.unique()}` });
        await bench.connector.addComment(comment);
        await bench.connector.addComment(comment);
        const seen = await bench.harness.commentsOf(id);
        assert.equal(seen.filter(({ body }) => body.includes(comment.body)).length, 1);
      });
    }
    if (example.findComment) {
      test("a comment is found by our id, and nothing else is", async (bench) => {
        const { id } = await bench.ticket();
        const externalId = messageId(bench);
        const made = await bench.connector.addComment(commentOn(id, externalId));
        const found = await eventually(
          async () => bench.connector.findComment?.(id, externalId),
          settleMs(bench),
        );
        assert.equal(found?.id, made.id);
        for (const other of [externalId.toLowerCase(), `${externalId}=`, "it's 'absent'"]) {
          const nothing = await bench.connector.findComment?.(id, other);
          assert.equal(nothing, undefined, `found something for ${other}`);
        }
      });
    }
    test("a comment on a missing ticket says that the ticket is not there", async (bench) => {
      const comment = commentOn(missingTicket(bench), messageId(bench));
      await assertKind(() => bench.connector.addComment(comment), ["not_found"]);
    });
  },
};
