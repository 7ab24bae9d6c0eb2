import { expect, test } from "vitest";
import { type GraphEntry, readLedger } from "../../src/sandbox/graph/entries.ts";
import { createJournal } from "../../src/sandbox/journal.ts";

const at = "2026-11-21T10:00:00.000Z";
const common = { number: "1", person: "+44", wamid: "w", type: "text" };
const message = { kind: "message", ...common, message: {} } as const;
const send = { kind: "send", ...common, text: "hi" } as const;
const refused = { kind: "refused", number: "1", code: 100, details: "" } as const;
const marked = { kind: "marked-read", number: "1", wamid: "w", typing: false } as const;
const upload = { kind: "upload", number: "1", media: "7", mimeType: "image/png" } as const;
const status = {
  kind: "status",
  number: "1",
  person: "+45",
  wamid: "w",
  state: "sent",
  lost: false,
} as const;
const webhook = { kind: "webhook", id: "1", field: "messages", wamids: [] as string[], attempt: 1 } as const;
const clock = { kind: "clock", detail: at } as const;

function ledger(filter: { since: number; person?: string }) {
  const journal = createJournal<GraphEntry>({ clock: { now: () => Date.parse(at) } });
  for (const entry of [message, send, refused, marked, upload, status, webhook, clock]) journal.append(entry);
  return readLedger(journal, filter);
}

const whole = {
  messages: [{ ...message, seq: 1, at }],
  sends: [{ ...send, seq: 2, at }],
  refused: [{ ...refused, seq: 3, at }],
  markedRead: [{ ...marked, seq: 4, at }],
  statuses: [{ ...status, seq: 6, at }],
  webhooks: [{ ...webhook, seq: 7, at }],
};

test.each([
  [{ since: 0 }, whole],
  [{ since: -1 }, whole],
  [{ since: 2 }, { ...whole, messages: [], sends: [] }],
  [{ since: 8 }, { messages: [], sends: [], refused: [], markedRead: [], statuses: [], webhooks: [] }],
  [
    { since: 0, person: "+45" },
    { ...whole, messages: [], sends: [] },
  ],
  [
    { since: 0, person: "+44" },
    { ...whole, statuses: [] },
  ],
])("the ledger read with %j holds each kind in its list", (filter, lists) => {
  expect(ledger(filter)).toEqual(lists);
});
