import type { HelpdeskEvent } from "../domain/event.ts";
import { eventKey, type TraceEntry } from "../domain/trace.ts";
import { sortPayload } from "../inbound/sort-payload.ts";
import { noteTemplateNews } from "../outbound/note-template-news.ts";
import { routeChanges } from "../outbound/route-changes.ts";
import type { Intake } from "../queue/intake.ts";
import type { Accepted } from "../queue/store-batch.ts";
import type { ParsedPayload } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { WebhookRequest } from "../sdk/webhook-request.ts";
import type { IntakeItem } from "../store/intake-item.ts";
import type { Links } from "../store/links.ts";
import type { Store } from "../store/store.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { countNotUnderstood } from "./not-understood.ts";
import type { Parts } from "./parts.ts";

export interface TakeOptions {
  parts: Parts;
  links: Pick<Links, "reverse">;
  intake: Intake;
  metrics: Metrics;
  store: Pick<Store, "templates" | "stops">;
  clock: Clock;
  trace(entry: Omit<TraceEntry, "at">): void;
}

/** Takes in what webhooks and polls bring, on both sides. */
export function createTaking(options: TakeOptions) {
  const { parts, links, intake, metrics } = options;

  async function accept(items: IntakeItem[]): Promise<void> {
    if (items.length === 0) return;
    crashPoint("webhook.parsed");
    report(items, await intake.accept(items), options);
  }

  return {
    async fromChannel(name: string, request: WebhookRequest, parsed: ParsedPayload): Promise<void> {
      // Looked up once per number: a batch holds up to 1,000 events, and each look may hash 3 MB.
      const known = new Map<string, string | undefined>();
      const channelOf = (accountId: string) => {
        if (!known.has(accountId)) known.set(accountId, channelOfAccount(accountId, name, request, parts));
        return known.get(accountId);
      };
      // Before it is taken in: should this fail, it is sent again.
      await noteTemplates(name, request, parsed, options);
      const receivedAt = new Date(options.clock.now()).toISOString();
      await accept(sortPayload(parsed, { addressed: name, channelOf, receivedAt }));
      countNotUnderstood(parsed, (accountId) => (accountId && channelOf(accountId)) || name, metrics);
    },
    async fromConnection(name: string, events: HelpdeskEvent[]): Promise<void> {
      const routes = [...parts.routes.values()].filter((route) => route.connection === name);
      const channels = new Set(routes.map((route) => route.channel));
      const items = await routeChanges(events, { connection: name, channels, links });
      metrics.ignored.inc({ connection: name }, events.length - items.length);
      await accept(items);
    },
  };
}

/**
 * Several numbers of one Meta app share a callback. Another channel's events are taken only if the same request
 * would have been accepted at its own address, so that one app's secret never speaks for another's number.
 */
function channelOfAccount(accountId: string, addressed: string, request: WebhookRequest, parts: Parts) {
  const type = parts.channels.get(addressed)?.type;
  for (const [name, part] of parts.channels) {
    const isTheirs = part.type === type && part.channel.accountId === accountId;
    if (isTheirs && (name === addressed || part.channel.verify(request))) return name;
  }
  return undefined;
}

/** News of an account's templates are told to each channel that sends them and would have accepted the request. */
async function noteTemplates(
  addressed: string,
  request: WebhookRequest,
  { events }: ParsedPayload,
  { parts, store, clock }: TakeOptions,
): Promise<void> {
  const news = events.flatMap((event) => (event.type === "template.updated" ? [event] : []));
  if (news.length === 0) return;
  const type = parts.channels.get(addressed)?.type;
  for (const [name, part] of parts.channels) {
    const account = part.channel.templateAccountId;
    const theirs = news.filter(({ accountId }) => accountId === (account ?? accountId));
    const isAddressed = name === addressed;
    if (part.type !== type || theirs.length === 0 || !(isAddressed || account)) continue;
    if (isAddressed || part.channel.verify(request)) await noteTemplateNews(name, theirs, { store, clock });
  }
}

function report(items: IntakeItem[], accepted: Accepted[], { metrics, trace }: TakeOptions): void {
  items.forEach((item, index) => {
    const { fresh = false, person } = accepted[index] ?? {};
    if ("keep" in item) {
      metrics.accepted.inc({ channel: item.keep.channel, outcome: item.keep.list });
      return;
    }
    const { channel, event, lane } = item.deliver;
    metrics.accepted.inc({ channel, outcome: fresh ? "fresh" : "repeat" });
    if (!fresh || !person || lane === "receipt") return;
    const step = lane === "in" ? "accepted" : "change.accepted";
    trace({ event: eventKey(event.id), channel, person, step, detail: { type: event.type } });
  });
}
