/** One business number with its helpdesk: a class of connector and how its messages come. */
export interface Suite {
  name: string;
  people: number;
  /** How the connector of this helpdesk avoids doubles: docs/decisions/0005. */
  idempotency: "A" | "B" | "C";
  /** Of class C. */
  onUnclear?: "hold" | "retry";
  /** Milliseconds for which the helpdesk's look-up does not see a new record. */
  lagMs: number;
  /** Messages that wait together and become one comment; absent: each its own. */
  messagesPerComment?: number;
  /** Answers cut off after the write was made, in each round: the caller cannot know. */
  cuts: number;
  /** Everybody writes once in so many kills: a slow machine is slow with both. */
  killsPerRound: number;
}

/** All of them at once, as channels of one installation, so that every kill hits all. */
export const suites: readonly Suite[] = [
  { name: "class-a", people: 10, idempotency: "A", lagMs: 0, cuts: 2, killsPerRound: 5 },
  { name: "class-b", people: 10, idempotency: "B", lagMs: 300, cuts: 2, killsPerRound: 5 },
  {
    name: "class-c-hold",
    people: 12,
    idempotency: "C",
    onUnclear: "hold",
    lagMs: 0,
    cuts: 0.25,
    killsPerRound: 7,
  },
  {
    name: "class-c-retry",
    people: 6,
    idempotency: "C",
    onUnclear: "retry",
    lagMs: 0,
    cuts: 0.5,
    killsPerRound: 7,
  },
  {
    name: "bursts",
    people: 6,
    idempotency: "B",
    lagMs: 300,
    messagesPerComment: 5,
    cuts: 1,
    killsPerRound: 2,
  },
];

/**
 * The connection's settings, besides how to reach the helpdesk. What a killed worker has sent may lie before a starved
 * helpdesk for longer than its index lags: a look-up in between finds nothing, and the record comes after all.
 */
export function connectionOf({ idempotency, onUnclear }: Suite): Record<string, unknown> {
  return { idempotency, settleMs: 4000, ...(onUnclear ? { onUnclear } : {}) };
}
