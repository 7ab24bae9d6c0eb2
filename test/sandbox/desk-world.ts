import type { DeskChange, DeskWebhook } from "../../src/sandbox/desk/records.ts";
import { createDeskWorld, type DeskOptions, type DeskWorld } from "../../src/sandbox/desk/world.ts";

export const NOW = Date.parse("2026-11-21T10:00:00Z");
export const AT = "2026-11-21T10:00:00.000Z";
export const HOOK = "http://callback.test/hook";

/** A helpdesk without sockets: what it posts is kept, time stands still. */
export function quietDesk(options: Partial<DeskOptions> = {}) {
  const clock = { at: NOW, now: () => clock.at };
  const posted: { url: string; headers: Record<string, string>; body: string }[] = [];
  const world: DeskWorld = createDeskWorld({
    token: "t",
    webhookSecret: "s",
    callbackUrl: HOOK,
    clock,
    ...options,
  });
  world.sender = {
    post({ url, headers, body, onAttempt }) {
      posted.push({ url, headers: headers(), body: body.toString("utf8") });
      onAttempt({ attempt: 1, status: 200 });
      return Promise.resolve(true);
    },
    pending: () => 2,
    stop: () => undefined,
  };
  const entries = () => world.journal.since(0);
  const changes = () =>
    entries().filter((entry): entry is typeof entry & DeskChange => entry.kind === "change");
  const webhooks = () =>
    entries().filter((entry): entry is typeof entry & DeskWebhook => entry.kind === "webhook");
  return { world, clock, posted, changes, webhooks };
}
