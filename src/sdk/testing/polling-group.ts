import assert from "node:assert/strict";
import type { HelpdeskEvent } from "../../domain/event.ts";
import type { Connector } from "../connector.ts";
import { type Bench, eventually } from "./bench.ts";
import type { Group } from "./group.ts";
import { checkNote, checkReply, checkStatus, isComment, type Observe, writeAndWait } from "./way-back.ts";

const WITHIN_MS = 15_000;

/** Polls on from where it was, and remembers what it saw. */
interface Poller {
  seen: HelpdeskEvent[];
  observe: Observe;
}

async function pollFromNow({ connector }: Bench): Promise<Poller> {
  let cursor = (await connector.listChanges?.(undefined))?.cursor;
  const seen: HelpdeskEvent[] = [];
  const observe: Observe = (matches) =>
    eventually(async () => {
      const answer = await connector.listChanges?.(cursor);
      cursor = answer?.cursor;
      seen.push(...(answer?.events ?? []));
      return seen.find(matches);
    }, WITHIN_MS);
  return { seen, observe };
}

export const pollingGroup: Group = {
  inapplicable({ capabilities }) {
    return capabilities.changes.includes("poll") ? undefined : "changes are not polled";
  },
  define({ example, test }) {
    test("polling without a cursor starts at now", async (bench) => {
      const { id } = await bench.ticket();
      await bench.harness.staff.reply(id, "before polling began");
      const start = await bench.connector.listChanges?.(undefined);
      assert.deepEqual(start?.events, []);
      assert.equal(start?.more, false);
      assert.equal(typeof start?.cursor, "string");
    });
    test("polling brings a public reply of staff as text", async (bench) => {
      const { observe } = await pollFromNow(bench);
      await checkReply(bench, observe);
    });
    if (example.capabilities.internalComments) {
      test("P19: polling brings a private note as internal", async (bench) => {
        const { observe } = await pollFromNow(bench);
        await checkNote(bench, observe);
      });
    }
    test("polling brings a change of status in our words", async (bench) => {
      const { observe } = await pollFromNow(bench);
      await checkStatus(bench, observe);
    });
    test("P18: polling brings our own writes as our own, or not at all", async (bench) => {
      const { seen, observe } = await pollFromNow(bench);
      const { isOwn } = await writeAndWait(bench, observe);
      for (const event of seen.filter(isOwn))
        assert.ok(event.author.isUs, `our own ${event.type} came as staff's`);
    });
    test("P18: polling knows our own writes before the answer to them arrives", async (bench) => {
      const start = await bench.connector.listChanges?.(undefined);
      const { observe } = await pollFromNow(bench);
      const { isOwn } = await writeAndWait(bench, observe);
      const heardNothing = await bench.make().listChanges?.(start?.cursor);
      for (const event of heardNothing?.events.filter(isOwn) ?? [])
        assert.ok(event.author.isUs, `our own ${event.type} came as staff's`);
    });
    test("P10: polling brings every change, in order, and once", async (bench) => {
      const { seen, observe } = await pollFromNow(bench);
      const tickets = [await bench.ticket(), await bench.ticket()];
      const run = bench.unique();
      const texts: string[] = [];
      for (const [index, word] of ["one", "two", "three", "four", "five", "six"].entries()) {
        const text = `${word} ${run}`;
        texts.push(text);
        await bench.harness.staff.reply(tickets[index % 2]?.id ?? "", text);
        if (index === 2) await observe((event) => isComment(event, text));
      }
      await observe((event) => isComment(event, texts.at(-1) ?? ""));
      await observe(() => true);
      const replies = seen.filter((event) => event.type === "comment.added" && event.body.includes(run));
      assert.deepEqual(
        replies.map((event) => event.type === "comment.added" && event.body.trim()),
        texts,
      );
      assert.equal(new Set(replies.map(({ id }) => id)).size, texts.length, "two changes have one id");
    });
    test("polling again from the same cursor brings the same ids", async ({ connector, harness, ticket }) => {
      const start = await connector.listChanges?.(undefined);
      const { id } = await ticket();
      await harness.staff.reply(id, "seen twice");
      const first = await eventually(async () => {
        const ids = await idsSince(start?.cursor, connector);
        return ids.length > 0 ? ids : undefined;
      }, WITHIN_MS);
      assert.ok(first, "the reply did not arrive");
      assert.deepEqual((await idsSince(start?.cursor, connector)).slice(0, first.length), first);
    });
  },
};

/** Of all changes after the cursor: other tests may have filled its first page. */
async function idsSince(cursor: string | undefined, connector: Connector): Promise<string[]> {
  const ids: string[] = [];
  let next = cursor;
  for (;;) {
    const answer = await connector.listChanges?.(next);
    ids.push(...(answer?.events ?? []).map((event) => event.id));
    if (!answer?.more) return ids;
    next = answer.cursor;
  }
}
