import type { Answer } from "../faults.ts";
import type { Stamped } from "../journal.ts";
import type { DeskChange, DeskComment, DeskContact, DeskTicket, DeskWebhook } from "./records.ts";
import type { DeskWorld } from "./world.ts";

/**
 * Look-ups by external id go through an index that lags, and match from the left as search indexes do:
 * `…/1` finds `…/10` too. Callers must compare.
 */
export function findByExternalId<T extends { id: string; external_id?: string }>(
  world: DeskWorld,
  records: Iterable<T>,
  externalId: string,
): T[] {
  const now = world.clock.now();
  return [...records].filter(
    (record) => record.external_id?.startsWith(externalId) && (world.visibleAt.get(record.id) ?? 0) <= now,
  );
}

/** A page of the change feed: `?after=` is the cursor of the page before, `now` for none but what is to come. */
export function listChanges(world: DeskWorld, after: string, limit: number): Answer {
  const all = world.journal.since(0);
  if (after === "now") return { status: 200, body: { changes: [], cursor: String(all.length), more: false } };
  const cursor = Number(after);
  if (!Number.isInteger(cursor) || cursor < 0)
    return { status: 422, body: { error: "invalid", field: "after" } };
  const later = all.slice(cursor).filter(isChange);
  const page = later.slice(0, limit);
  const more = later.length > page.length;
  const last = more ? page.at(-1) : undefined;
  const next = last?.seq ?? all.length;
  return { status: 200, body: { changes: page.map(shown), cursor: String(next), more } };
}

function isChange(entry: Stamped<DeskChange | DeskWebhook>): entry is Stamped<DeskChange> {
  return entry.kind === "change";
}

function shown({ kind, seq, ...change }: Stamped<DeskChange>) {
  return change;
}

/** What `GET /sandbox/ledger` answers: the helpdesk as it stands, and the webhooks it posted. */
export interface DeskLedger {
  contacts: DeskContact[];
  tickets: (DeskTicket & { comments: DeskComment[] })[];
  webhooks: Stamped<DeskWebhook>[];
  /** Webhooks not yet answered with 200 and not given up. */
  pendingWebhooks: number;
}

export function readDesk(world: DeskWorld): DeskLedger {
  const isWebhook = (entry: Stamped<DeskChange | DeskWebhook>): entry is Stamped<DeskWebhook> =>
    entry.kind === "webhook";
  return {
    contacts: [...world.contacts.values()],
    tickets: [...world.tickets.values()].map((ticket) => ({
      ...ticket,
      comments: world.comments.get(ticket.id) ?? [],
    })),
    webhooks: world.journal.since(0).filter(isWebhook),
    pendingWebhooks: world.sender.pending(),
  };
}
