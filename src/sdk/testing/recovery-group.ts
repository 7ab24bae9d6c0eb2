import assert from "node:assert/strict";
import type { RecordRef } from "../connector.ts";
import { PluginError } from "../errors.ts";
import { type Bench, becomesTickets, eventually } from "./bench.ts";
import { commentOn, messageId } from "./comments-group.ts";
import { errorOf } from "./error-kinds.ts";
import type { Fault } from "./fault-proxy.ts";
import type { Group } from "./group.ts";
import { settleMs } from "./tickets-group.ts";

/** Upserts are repeated as they are, so that fewer ways of failing tell as much of them. */
const upsertFaults = new Set(["the connection breaks after the server worked", "the server throttles"]);

const faults: { name: string; fault: Fault }[] = [
  { name: "the connection breaks before the server works", fault: { kind: "reset" } },
  { name: "the connection breaks after the server worked", fault: { kind: "reset", after: true } },
  { name: "the server answers 500 after it worked", fault: { kind: "answer", status: 500, after: true } },
  { name: "the answer breaks off after the server worked", fault: { kind: "half", ends: "reset" } },
  { name: "the server throttles", fault: { kind: "answer", status: 429 } },
  { name: "the server is under maintenance", fault: { kind: "answer", status: 503 } },
];

/** A record to be made once, as the core makes it: see inbound/ensure-once.ts. */
interface Create {
  make(): Promise<unknown>;
  find?(): Promise<RecordRef | undefined>;
  count(): Promise<number>;
}

const FEWEST_TRIES = 1;
const MOST_REQUESTS = 20;

export const recoveryGroup: Group = {
  inapplicable({ capabilities }) {
    const isC = capabilities.idempotency.class === "C";
    return isC ? "class C cannot tell what became of a request" : undefined;
  },
  define({ example, test }) {
    for (const { name, fault } of faults) {
      test(`P01: one ticket, whichever request fails: ${name}`, (bench) =>
        failEach(bench, fault, ticketOnce));
      if (becomesTickets(example)) continue;
      test(`P18: one comment, whichever request fails: ${name}`, (bench) =>
        failEach(bench, fault, commentOnce));
      if (!upsertFaults.has(name)) continue;
      test(`P01: one contact, whichever request fails: ${name}`, (bench) =>
        failEach(bench, fault, contactOnce));
    }
  },
};

/** Fails the first request, then the second, and so on until the operation needs no more requests. */
async function failEach(
  bench: Bench,
  fault: Fault,
  prepare: (bench: Bench) => Promise<Create>,
): Promise<void> {
  for (let failing = 0; failing < MOST_REQUESTS; failing++) {
    const create = await prepare(bench);
    bench.proxy.set((index) => (index === failing ? fault : undefined));
    const error = await errorOf(() => create.make());
    const reached = bench.proxy.passed.length > failing;
    bench.proxy.clear();
    if (error !== undefined) await recover(bench, create, error, hasWorked(fault));
    const count = await create.count();
    assert.equal(count, 1, `request ${failing + 1} failed, and ${count} records are there`);
    if (!reached) {
      assert.ok(failing >= FEWEST_TRIES, "the operation sends no request");
      return;
    }
  }
  assert.fail(`the operation needs more than ${MOST_REQUESTS} requests`);
}

function hasWorked(fault: Fault): boolean {
  return fault.kind === "half" || ("after" in fault && fault.after === true);
}

/** An ambiguous error is looked into first, any other says that nothing was made. */
async function recover(bench: Bench, create: Create, error: unknown, worked: boolean): Promise<void> {
  assert.ok(error instanceof PluginError, `threw ${String(error)}, which is no PluginError`);
  const unclear = error.kind === "ambiguous" || error.kind === "conflict";
  const { find } = create;
  const found = unclear && find ? await eventually(find, worked ? settleMs(bench) : 0) : undefined;
  if (!found) await create.make();
}

async function contactOnce({ connector, harness, person }: Bench): Promise<Create> {
  const { key, name } = person();
  return {
    make: () => connector.upsertContact(key, { name, phone: key.phone }),
    count: async () => (await harness.contactsOf(key)).length,
  };
}

async function ticketOnce({ connector, harness, newTicket }: Bench): Promise<Create> {
  const request = await newTicket({ subject: "Once" });
  const { externalId } = request;
  return {
    make: () => connector.createTicket(request),
    ...(connector.findTicket ? { find: async () => connector.findTicket?.(externalId) } : {}),
    count: async () => (await harness.ticketsOf(externalId)).length,
  };
}

async function commentOnce(bench: Bench): Promise<Create> {
  const { connector, harness } = bench;
  const { id } = await bench.ticket();
  const externalId = messageId(bench);
  const body = `once ${bench.unique()}`;
  return {
    make: () => connector.addComment(commentOn(id, externalId, { body })),
    ...(connector.findComment ? { find: async () => connector.findComment?.(id, externalId) } : {}),
    count: async () => (await harness.commentsOf(id)).filter((comment) => comment.body.includes(body)).length,
  };
}
