import type { z } from "zod";
import type { Plugins } from "./plugins.ts";
import { type Config, configFile } from "./schema.ts";
import { isMarked, schemasAt } from "./schema-walk.ts";

export const HIDDEN = "********";

type Schemas = readonly z.core.$ZodType[];

/** The effective settings for showing: secrets masked, also credentials inside addresses. Unknown places are masked. */
export function redactConfig(config: Config, plugins: Plugins): Record<string, unknown> {
  const { channels, connections, redis, ...rest } = config;
  return {
    ...(mask(rest, [configFile]) as Record<string, unknown>),
    redis: maskRedis(redis),
    channels: mapValues(channels, ({ type, settings }) => ({
      type,
      ...maskSettings(settings, plugins.channelTypes[type]?.config),
    })),
    connections: mapValues(connections, ({ settings, ...own }) => ({
      ...own,
      ...maskSettings(settings, plugins.connectors[own.use]?.config),
    })),
  };
}

/** Secrets as they are, their addresses are what somebody looks for first. */
function maskRedis({ url, cluster, ...rest }: Config["redis"]): Record<string, unknown> {
  return {
    ...(url === undefined ? {} : { url: maskAddress(url) }),
    ...(cluster === undefined ? {} : { cluster: cluster.map(maskAddress) }),
    ...rest,
  };
}

function maskSettings(settings: unknown, schema: z.ZodType | undefined): Record<string, unknown> {
  const masked = schema ? mask(settings, [schema]) : HIDDEN;
  return typeof masked === "object" ? { ...masked } : { settings: masked };
}

function mask(value: unknown, schemas: Schemas): unknown {
  if (schemas.length === 0 || schemas.some((schema) => isMarked(schema, "secret"))) return HIDDEN;
  if (Array.isArray(value)) return value.map((item, index) => mask(item, below(schemas, index)));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, mask(item, below(schemas, key))]),
    );
  }
  return typeof value === "string" ? maskAddress(value) : value;
}

function below(schemas: Schemas, key: string | number): Schemas {
  return schemas.flatMap((schema) => schemasAt(schema, [key]));
}

function maskAddress(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`);
}

function mapValues<T, R>(record: Record<string, T>, change: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
