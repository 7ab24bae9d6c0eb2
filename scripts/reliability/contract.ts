/** What Deskferry promises. A promise whose row holds no figure is not claimed: RELIABILITY.md says so. */
export interface Guarantee {
  id: string;
  promise: string;
  /** Why it is not claimed, where there is no row that could measure it. */
  reason?: string;
}

export const guarantees = [
  {
    id: "G1",
    promise:
      "A 200 to a webhook means the event is on disk: none is lost, whatever process is killed, Redis included",
  },
  {
    id: "G2",
    promise:
      "Power cut: nothing acknowledged is lost with `appendfsync always`; with `everysec` at most the last second (the kernel may take two)",
  },
  {
    id: "G3",
    promise: "Failover to a replica: nothing acknowledged is lost where the intake waits for one replica",
  },
  {
    id: "G4",
    promise:
      "Acknowledged at 200 events/s with p50 ≤ 20 ms, p99 ≤ 250 ms, none over 1 s; 503 within 1 s when Redis is unusable",
  },
  { id: "G5", promise: "A webhook delivered again within 8 days, in any order, causes no further write" },
  {
    id: "G6",
    promise: "One ticket for an open conversation, with connectors of class A and B",
  },
  { id: "G7", promise: "One comment for a message, with connectors of class A and B" },
  {
    id: "G8",
    promise:
      "One send for an intent where its receipt arrives in time; never more than two where receipts get lost",
  },
  {
    id: "G9",
    promise: "Within a conversation, messages reach the ticket in the order in which they were sent",
  },
  {
    id: "G10",
    promise:
      "A poison event delays no other conversation; a dead helpdesk slows a healthy one beside it by 10 % at most",
  },
  {
    id: "G11",
    promise: "Nothing disappears: every event ends done, as a dead letter, quarantined or discarded",
  },
  {
    id: "G12",
    promise: "SIGTERM under load: exit 0 within 10 s, and nothing is left that had to be taken over",
  },
  {
    id: "G13",
    promise: "No personal data or secret in logs, metrics or error pages; an erasure is complete within 60 s",
  },
  {
    id: "G14",
    promise:
      "A waiting text costs ≤ 2 KiB of Redis; when memory is full, 503 is answered and nothing accepted is lost",
  },
] as const satisfies Guarantee[];

export type GuaranteeId = (typeof guarantees)[number]["id"];
