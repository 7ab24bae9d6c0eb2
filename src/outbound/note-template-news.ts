import type { AccountUpdated } from "../domain/event.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Store } from "../store/store.ts";

/**
 * What a webhook says of the account's templates: a new status counts at once, a stop ends when WhatsApp says that the
 * template can be sent again, and the rest is asked for soon.
 */
export async function noteTemplateNews(
  channel: string,
  events: readonly AccountUpdated[],
  { store, clock }: { store: Pick<Store, "templates" | "stops">; clock: Clock },
): Promise<void> {
  for (const { at, template } of events) {
    if (!template?.status) continue;
    const { name, language, status } = template;
    const isLatest = await store.templates.note(channel, { name, language, status, at }, clock.now());
    if (isLatest && status === "APPROVED") await store.stops.liftTemplate(channel, template);
  }
  if (events.length > 0) await store.templates.markStale(channel, clock.now());
}
