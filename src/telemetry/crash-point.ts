/**
 * Places where one durable effect stands next to another one: between them a crash is at its worst. Each is played by
 * real processes (test/flows/crash-points.test.ts), which end themselves there when CRASH_AT names it
 * (docs/prove-it.md).
 */
export const crashPoints = [
  "webhook.parsed",
  "intake.stored",
  "webhook.stored",
  "poll.taken",
  "drain.begun",
  "drain.joined",
  "drain.handled",
  "drain.popped",
  "drain.separated",
  "drain.postponed",
  "drain.given-up",
  "drain.buried",
  "drain.yielding",
  "contact.written",
  "create.intended",
  "create.made",
  "create.known",
  "create.unclear",
  "create.found",
  "create.withdrawn",
  "ticket.adopting",
  "ticket.linked-back",
  "ticket.linked",
  "ticket.reopened",
  "media.fetched",
  "comment.written",
  "comment.noted",
  "message.read",
  "consent.counted",
  "change.noted",
  "send.intended",
  "send.made",
  "send.known",
  "send.withdrawn",
  "file.told",
  "receipt.recorded",
  "receipt.told",
  "reply.marked",
  "letter.released",
  "letter.replayed",
  "erase.recorded",
  "erase.taken",
  "erase.removed",
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** Of this process: a crash ends all of it. */
let armed: { point: CrashPoint; passings: number } | undefined;

/** `name` or `name:n`, the n-th passing. Throws with the remedy when there is no such point. */
export function armCrashPoint(setting: string): void {
  const [, name, passings = "1"] = /^([a-z.-]+)(?::([1-9]\d{0,5}))?$/.exec(setting) ?? [];
  const point = crashPoints.find((one) => one === name);
  if (!point) {
    throw new Error(
      `CRASH_AT is for tests only and takes name or name:n; name is one of ${crashPoints.join(", ")}`,
    );
  }
  armed = { point, passings: Number(passings) };
}

/** Passes by; unless this very point was armed, nothing happens. */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point === point && --armed.passings === 0) process.kill(process.pid, "SIGKILL");
}
