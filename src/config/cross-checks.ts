import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { suggest } from "../domain/did-you-mean.ts";
import { redisFindings } from "./redis-settings.ts";
import type { SettingPath } from "./setting-path.ts";

export interface Finding {
  path: SettingPath;
  reason: string;
  remedy: string;
}

const named = z.record(z.string(), z.unknown()).catch({});
const text = z.string().optional().catch(undefined);

/** The file as far as references go; whatever else is wrong with it is found by the schema. */
const references = z.object({
  channels: named,
  connections: named,
  routes: z.array(z.object({ channel: text, connection: text, mapping: text }).catch({})).catch([]),
});

type References = z.output<typeof references>;

/** What a schema cannot see: names that lead nowhere, missing folders, channels with no or two routes, no or two Redis. */
export function crossCheck(file: string, value: unknown): Finding[] {
  const result = references.safeParse(value);
  if (!result.success) return redisFindings(value);
  return [
    ...redisFindings(value),
    ...unknownNames(result.data),
    ...routesPerChannel(result.data),
    ...mappingFolders(file, result.data),
  ];
}

function unknownNames({ channels, connections, routes }: References): Finding[] {
  return routes.flatMap((route, index) => [
    ...unknownName(["routes", index, "channel"], route.channel, Object.keys(channels)),
    ...unknownName(["routes", index, "connection"], route.connection, Object.keys(connections)),
  ]);
}

function unknownName(path: SettingPath, name: string | undefined, known: string[]): Finding[] {
  if (name === undefined || known.includes(name)) return [];
  return [{ path, reason: `there is no ${path.at(-1)} called "${name}"`, remedy: suggest(name, known) }];
}

function routesPerChannel({ channels, routes }: References): Finding[] {
  const without = Object.keys(channels).filter((name) => !routes.some((route) => route.channel === name));
  const twice = routes.flatMap((route, index) => {
    const first = routes.findIndex(({ channel }) => channel !== undefined && channel === route.channel);
    return first >= 0 && first < index ? [{ index, first, channel: route.channel }] : [];
  });
  return [
    ...without.map((name) => ({
      path: ["channels", name],
      reason: "no route says where its conversations go",
      remedy: `Add a route with channel: ${name}`,
    })),
    ...twice.map(({ index, first, channel }) => ({
      path: ["routes", index, "channel"],
      reason: `"${channel}" has a route already, routes[${first}]`,
      remedy: "Remove one: a channel has exactly one route",
    })),
  ];
}

const REQUIRED = ["contact.jsonata", "ticket.jsonata", "comment.jsonata"];

function mappingFolders(file: string, { routes }: References): Finding[] {
  return routes.flatMap(({ mapping }, index) => {
    if (!mapping) return [];
    const path = ["routes", index, "mapping"];
    const folder = resolve(dirname(file), mapping);
    if (!existsSync(folder)) {
      const remedy = "Write a folder relative to this file, e.g. mappings/request-tracker";
      return [{ path, reason: `there is no folder ${folder}`, remedy }];
    }
    const missing = REQUIRED.filter((name) => !existsSync(join(folder, name)));
    if (missing.length === 0) return [];
    const reason = `${missing.join(", ")} missing in ${folder}`;
    return [{ path, reason, remedy: "Add it; the starter mappings are good to copy from" }];
  });
}
