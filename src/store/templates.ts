import { familyOf } from "../domain/choose-template.ts";
import type { TemplateInfo } from "../domain/template.ts";
import { keys, TEMPLATE_NEWS_SECONDS } from "./keys.ts";
import type { Redis } from "./redis.ts";
import { runScript } from "./scripts.ts";
import type { TemplateName } from "./stops.ts";

/** The state of a stored copy. */
export interface CopyState {
  /** Milliseconds: when the account was asked. */
  at: number;
  /** How many templates it has. */
  count: number;
  /** Something has changed since, which only the account can tell. */
  isStale: boolean;
}

/** What a webhook says of a template. */
export interface TemplateNews extends TemplateName {
  status: string;
  /** ISO 8601, the provider's time. */
  at: string;
}

/**
 * A channel's templates as its account had them when it was last asked, with what webhooks have told since. Kept by
 * family, since a send looks at all versions of one template and at no others.
 */
export function createTemplates(redis: Redis) {
  async function state(channel: string): Promise<CopyState | undefined> {
    const [at, count, stale] = await redis.hmget(keys.templatesState(channel), "at", "count", "staleAt");
    return at
      ? { at: Number(at), count: Number(count), isStale: Number(stale ?? -1) >= Number(at) }
      : undefined;
  }

  async function withNews(channel: string, infos: TemplateInfo[], since: number): Promise<TemplateInfo[]> {
    const news = await Promise.all(
      infos.map((info) => redis.hmget(keys.templateNews(channel, info), "status", "arrivedAt")),
    );
    return infos.map((info, index) => {
      const [status, arrivedAt] = news[index] ?? [];
      return status && Number(arrivedAt) >= since ? { ...info, status } : info;
    });
  }

  async function read(channel: string, look: (key: string) => Promise<(string | null)[]>) {
    const known = await state(channel);
    if (!known) return undefined;
    const families = await look(keys.templates(channel));
    const infos = families.flatMap((text) => (text ? (JSON.parse(text) as TemplateInfo[]) : []));
    return withNews(channel, infos, known.at);
  }

  return {
    state,
    /** All versions of these templates; undefined when the account has never been asked. */
    async versionsOf(channel: string, names: readonly string[]): Promise<TemplateInfo[] | undefined> {
      const families = [...new Set(names.map(familyOf))];
      return read(channel, async (key) => (families.length === 0 ? [] : redis.hmget(key, ...families)));
    },
    async all(channel: string): Promise<TemplateInfo[] | undefined> {
      return read(channel, (key) => redis.hvals(key));
    },
    /** Replaces the copy whole. `askedAt`: milliseconds, before the account was asked. */
    async replace(channel: string, templates: readonly TemplateInfo[], askedAt: number): Promise<void> {
      const families = new Map<string, TemplateInfo[]>();
      for (const template of templates) {
        const family = familyOf(template.name);
        families.set(family, [...(families.get(family) ?? []), template]);
      }
      const key = keys.templates(channel);
      const steps = redis.multi().del(key);
      if (families.size > 0) {
        steps.hset(
          key,
          Object.fromEntries([...families].map(([name, list]) => [name, JSON.stringify(list)])),
        );
      }
      const stateKey = keys.templatesState(channel);
      await steps.hset(stateKey, { at: askedAt, count: templates.length }).exec();
    },
    /** False when something later is known already. */
    async note(channel: string, news: TemplateNews, now: number): Promise<boolean> {
      const args = [keys.templateNews(channel, news), news.status, news.at, now, TEMPLATE_NEWS_SECONDS];
      return (await runScript(redis, "template-news", args)) === 1;
    },
    /** The copy is to be renewed soon. */
    async markStale(channel: string, now: number): Promise<void> {
      await redis.hset(keys.templatesState(channel), "staleAt", now);
    },
    /** True for one in so many milliseconds: it asks the account. */
    async claimRefresh(channel: string, ms: number, now: number): Promise<boolean> {
      return (await runScript(redis, "claim-refresh", [keys.templatesState(channel), now, ms])) === 1;
    },
  };
}
