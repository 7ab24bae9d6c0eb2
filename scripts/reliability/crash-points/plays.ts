import type { CrashPoint } from "../../../src/telemetry/crash-point.ts";
import type { ScenarioName } from "./scenarios.ts";

/** One way to come past a crash point. */
export interface Play {
  point: CrashPoint;
  /** The process dies at this passing. */
  passing: number;
  scenario: ScenarioName;
  /** The command that dies, in place of the app. */
  command?: "replay" | "erase";
  /** Only connectors of this class come past. */
  only?: "A" | "B";
  /** All that Redis holds is forgotten before. */
  redisIsLost?: true;
  /** Dead letters are replayed by an operator after the crash. */
  replayed?: true;
  /** Settings of the lane that it needs. */
  needs?: "bursts" | "polls";
}

const play = (
  point: CrashPoint,
  scenario: ScenarioName,
  more: Partial<Omit<Play, "point" | "scenario">> = {},
): Play => ({ point, scenario, passing: 1, ...more });

/** Every crash point, and what is played around it. The ticket's create is the first passing, the comment's the second. */
export const plays: readonly Play[] = [
  play("webhook.parsed", "message"),
  play("intake.stored", "message"),
  play("webhook.stored", "message"),
  play("poll.taken", "replyWhileDown", { needs: "polls" }),
  play("drain.begun", "message"),
  play("drain.joined", "burst", { needs: "bursts" }),
  play("drain.separated", "separated", { needs: "bursts" }),
  play("drain.handled", "message"),
  play("drain.popped", "message"),
  play("drain.postponed", "retried"),
  play("drain.given-up", "refused"),
  play("drain.buried", "refused", { replayed: true }),
  play("drain.yielding", "many"),
  play("contact.written", "message"),
  play("create.intended", "message"),
  play("create.intended", "message", { passing: 2 }),
  play("create.made", "message"),
  play("create.made", "message", { passing: 2 }),
  play("create.known", "message"),
  play("create.known", "message", { passing: 2 }),
  play("create.unclear", "unclear"),
  play("create.unclear", "unclearComment"),
  play("create.found", "unclearComment", { only: "B" }),
  play("create.withdrawn", "refused"),
  play("ticket.adopting", "forgotten", { only: "B", redisIsLost: true }),
  play("ticket.linked-back", "message"),
  play("ticket.linked", "message"),
  play("ticket.reopened", "reopened"),
  play("media.fetched", "photo"),
  play("comment.written", "message"),
  play("comment.noted", "message"),
  play("message.read", "message"),
  play("consent.counted", "stop"),
  play("change.noted", "solved"),
  play("send.intended", "reply"),
  play("send.made", "reply"),
  play("send.made", "solved"),
  play("send.known", "reply"),
  play("send.withdrawn", "refusedConfirmation"),
  play("file.told", "replyWithFile"),
  play("receipt.recorded", "failedLater"),
  play("receipt.told", "failedLater"),
  play("reply.marked", "failedLater"),
  play("letter.released", "refused", { command: "replay" }),
  play("letter.replayed", "refused", { command: "replay" }),
  play("erase.recorded", "message", { command: "erase" }),
  play("erase.taken", "message", { command: "erase" }),
  play("erase.removed", "message", { command: "erase" }),
];

/** How many consents the audit log tells of after these: what it held is lost when Redis loses all. */
export function consentsIn(played: readonly Play[]): number {
  const lost = played.findLastIndex(({ redisIsLost }) => redisIsLost);
  return played.slice(lost + 1).filter(({ scenario }) => scenario === "stop").length;
}
