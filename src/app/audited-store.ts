import { isDeepStrictEqual } from "node:util";
import type { RouteConfig } from "../config/schema.ts";
import type { TemplateInfo } from "../domain/template.ts";
import type { Store } from "../store/store.ts";
import { crashPoint } from "../telemetry/crash-point.ts";
import type { Audit } from "./audit.ts";

/** Channels whose conversations go to a connection: their logs tell of it. */
export function channelsOf(connection: string, routes: readonly RouteConfig[]): string[] {
  return routes.filter((route) => route.connection === connection).map(({ channel }) => channel);
}

/**
 * The store, which also writes down who asked for no more messages, what was stopped and resumed, and that an account has
 * other templates: once, by whichever worker brought it about.
 */
export function auditedStore(
  store: Store,
  { audit, routes }: { audit: Audit; routes: readonly RouteConfig[] },
): Store {
  return {
    ...store,
    consents: auditedConsents(store.consents, audit),
    stops: auditedStops(store.stops, audit),
    templates: auditedTemplates(store.templates, audit),
    accountStops: auditedAccountStops(store.accountStops, audit, routes),
  };
}

function auditedConsents(consents: Store["consents"], audit: Audit): Store["consents"] {
  return {
    ...consents,
    async note(key, scope, consent) {
      const counts = await consents.note(key, scope, consent);
      crashPoint("consent.counted");
      const { state, source, evidence, at } = consent;
      const detail = { person: key.person, scope, state, source, evidence, since: at };
      // Rejects, so that its event is tried again: then it counts once more, and is written down once.
      if (counts) {
        const once = ["consent", key.person, scope, state, evidence].join("/");
        await audit.record([key.channel], { what: "consent.changed", detail }, once);
      }
      return counts;
    },
  };
}

function auditedStops(stops: Store["stops"], audit: Audit): Store["stops"] {
  const resumed = async (channel: string, isOver: boolean) => {
    if (isOver) await audit.note([channel], { what: "channel.resumed", detail: {} });
    return isOver;
  };
  return {
    ...stops,
    async stopChannel(channel, stop, now) {
      const isFirst = await stops.stopChannel(channel, stop, now);
      const { reason, says, by } = stop;
      if (isFirst)
        await audit.note([channel], { what: "channel.stopped", detail: { reason, says, toldBy: by } });
      return isFirst;
    },
    resumeAfterAnswer: async (channel) => resumed(channel, await stops.resumeAfterAnswer(channel)),
    resumeAfterReceipt: async (channel, sentAt) =>
      resumed(channel, await stops.resumeAfterReceipt(channel, sentAt)),
  };
}

function auditedAccountStops(
  stops: Store["accountStops"],
  audit: Audit,
  routes: readonly RouteConfig[],
): Store["accountStops"] {
  return {
    ...stops,
    async stop(connection, says, now) {
      const isFirst = await stops.stop(connection, says, now);
      const deed = { what: "connection.stopped", detail: { connection, says } } as const;
      if (isFirst) await audit.note(channelsOf(connection, routes), deed);
      return isFirst;
    },
    async resume(connection) {
      const isOver = await stops.resume(connection);
      const deed = { what: "connection.resumed", detail: { connection } } as const;
      if (isOver) await audit.note(channelsOf(connection, routes), deed);
      return isOver;
    },
  };
}

function auditedTemplates(templates: Store["templates"], audit: Audit): Store["templates"] {
  return {
    ...templates,
    async replace(channel, found, askedAt) {
      const before = await templates.all(channel);
      await templates.replace(channel, found, askedAt);
      if (before && areSame(before, found)) return;
      const detail = { templates: String(found.length) };
      await audit.note([channel], { what: "templates.synced", detail });
    },
  };
}

/** In whatever order they are listed. */
function areSame(some: readonly TemplateInfo[], others: readonly TemplateInfo[]): boolean {
  const texts = (all: readonly TemplateInfo[]) => all.map((each) => JSON.stringify(each)).sort();
  return isDeepStrictEqual(texts(some), texts(others));
}
