import type { GuaranteeId } from "./contract.ts";

/** A line that keeps a guarantee, and what stands there when it is gone. */
export interface Edit {
  file: string;
  /** Occurs once in the file. */
  text: string;
  without: string;
}

export interface Sabotage {
  id: GuaranteeId;
  /** What is taken out, in words. */
  what: string;
  edits: readonly Edit[];
  /** The row that must fail then. */
  row: string;
}

/** What each guarantee rests on. G2 rests on a setting of Redis, G10 on no single line. */
export const sabotages: readonly Sabotage[] = [
  {
    id: "G1",
    what: "200 only once everything is stored",
    row: "kills",
    edits: [
      {
        file: "src/http/receive-webhook.ts",
        text: "await take(name, endpoint, webhook);",
        without: "void take(name, endpoint, webhook).catch(() => undefined);",
      },
    ],
  },
  {
    id: "G3",
    what: "200 only once a replica holds it",
    row: "failover",
    edits: [{ file: "src/queue/intake.ts", text: "await confirm?.(channel);", without: "" }],
  },
  {
    id: "G4",
    what: "a command that Redis does not answer ends after 0.8 s",
    row: "intake",
    edits: [{ file: "src/store/connection.ts", text: "commandTimeout: 800, ", without: "" }],
  },
  {
    id: "G5",
    what: "what was taken in is known for 8 days",
    row: "duplicates",
    edits: [
      {
        file: "src/store/keys.ts",
        text: "SEEN_SECONDS = 8 * 24 * 3600",
        without: "SEEN_SECONDS = 24 * 3600",
      },
    ],
  },
  {
    id: "G6",
    what: "the look-up before a ticket is made again",
    row: "creates",
    edits: [
      {
        file: "src/inbound/ensure-once.ts",
        text: "const age = clock.now() - at;\n    const found = await options.find();",
        without: "const age = clock.now() - at;\n    const found = undefined as RecordRef | undefined;",
      },
      {
        file: "src/inbound/ensure-ticket.ts",
        text: "if (!link) await adopt(request.key, tools);",
        without: "",
      },
    ],
  },
  {
    id: "G7",
    what: "the look-up before a comment is made again",
    row: "creates",
    edits: [
      {
        file: "src/inbound/ensure-once.ts",
        text: "const age = clock.now() - at;\n    const found = await options.find();",
        without: "const age = clock.now() - at;\n    const found = undefined as RecordRef | undefined;",
      },
    ],
  },
  {
    id: "G8",
    what: "a receipt tells that the message went out",
    row: "sends",
    edits: [
      {
        file: "src/store/receipt.lua",
        text: "redis.call('HSETNX', KEYS[1], 'messageId', ARGV[5])",
        without: "",
      },
    ],
  },
  {
    id: "G9",
    what: "what waits is kept in the order in which it was sent",
    row: "order",
    edits: [
      {
        file: "src/store/append.lua",
        text: "if later then redis.call('LINSERT', mailbox, 'BEFORE', later, raw) else redis.call('RPUSH', mailbox, raw) end",
        without: "redis.call('RPUSH', mailbox, raw)",
      },
    ],
  },
  {
    id: "G11",
    what: "what is given up is filed in the step that takes it off its mailbox",
    row: "accounts",
    edits: [
      {
        file: "src/store/pop.lua",
        text: "if id ~= '' then redis.call('HSET', tag .. ':dead', id, letter) end",
        without: "",
      },
    ],
  },
  {
    id: "G12",
    what: "the end of what is under way is waited for",
    row: "shutdown",
    edits: [{ file: "src/app/run.ts", text: "await app.stop();", without: "" }],
  },
  {
    id: "G13",
    what: "log lines name an event by its digest",
    row: "privacy",
    edits: [
      {
        file: "src/queue/drain-log.ts",
        text: "event: eventKey(event.id),",
        without: "event: JSON.stringify(event),",
      },
    ],
  },
  {
    id: "G14",
    what: "503 when it could not be stored",
    row: "overload",
    edits: [
      {
        file: "src/http/receive-webhook.ts",
        text: 'answerJson(response, 503, { error: "this could not be stored; send it again" });',
        without: "answerJson(response, 200, { accepted: true });",
      },
    ],
  },
];
