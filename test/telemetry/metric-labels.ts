import { errorTable } from "../../src/channels/cloud-api/error-table.ts";
import { lanes } from "../../src/domain/lane.ts";
import { priceCategories, priceTypes } from "../../src/domain/price.ts";
import { receiptStates } from "../../src/domain/receipt.ts";
import { ticketRecord } from "../../src/domain/records.ts";
import { sendActions } from "../../src/domain/send-problem.ts";
import { errorKinds } from "../../src/sdk/errors.ts";

/** Every label there is, and what its values may be: names from the settings, or a closed list. */
export const labelValues: Record<string, "settings" | readonly string[]> = {
  source: ["channel", "connection"],
  name: "settings",
  channel: "settings",
  connection: "settings",
  mapping: "settings",
  field: Object.keys(ticketRecord.shape),
  answer: ["refused", "unavailable", "accepted"],
  lane: lanes,
  type: [
    ...["message.received", "receipt.updated", "ticket.changed", "comment.added", "note.requested"],
    ...priceTypes,
    "other",
  ],
  kind: ["text", "template", "media", "interactive", "reaction"],
  state: receiptStates,
  action: sendActions,
  stage: ["late", "lost"],
  category: [...priceCategories, "other"],
  by: ["answer", "receipt", "number", "person"],
  // Words of the channels' tables, or the kind of an error.
  reason: [...errorTable.map(({ reason }) => reason), ...errorKinds],
  what: ["message", "status", "field"],
  why: ["limit", "account", "outage"],
  outcome: [
    ...["fresh", "repeat", "quarantine", "account", "done", "retry", "dead", "accepted", ...errorKinds],
    // Of blue ticks, secrets, mapping folders and calls of a connection.
    ...["marked", "failed", "taken", "refused", "restart", "in use", "ok"],
  ],
};
