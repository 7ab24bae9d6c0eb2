import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { suggest } from "../domain/did-you-mean.ts";
import type { ChannelDefinition } from "../sdk/channel.ts";
import type { ConnectorDefinition } from "../sdk/connector.ts";
import { readDocument } from "./document.ts";
import { type Environment, environment } from "./env.ts";
import type { ConfigProblem } from "./errors.ts";
import { pathText, type SettingPath } from "./setting-path.ts";
import { createVariableReader } from "./variables.ts";

/** Plugins by the name that deskferry.yaml uses: `meta`, `./plugins/acme.js`, `deskferry-connector-acme`. */
export interface Plugins {
  channelTypes: Record<string, ChannelDefinition>;
  connectors: Record<string, ConnectorDefinition>;
  /** Those that could not be loaded; loadConfig reports them with everything else. */
  problems?: ConfigProblem[];
}

/** Where plugins come from. */
export interface PluginSources {
  /** The registries; a connector is imported when it is used. */
  channelTypes: Record<string, ChannelDefinition>;
  connectors: Record<string, () => Promise<{ default: ConnectorDefinition }>>;
  /** `import()`, for plugins from outside. */
  import(specifier: string): Promise<unknown>;
}

interface Reference {
  path: SettingPath;
  name: string;
}

/** Loads what the file refers to, and nothing else. Never throws for a plugin; see `problems`. */
export async function loadPlugins(
  file: string,
  sources: PluginSources,
  env: Environment = environment(),
): Promise<Plugins> {
  const document = readDocument(file, createVariableReader(env));
  const { channels, connections } = references.parse(document.value ?? {});
  const problems: ConfigProblem[] = [];
  async function loadAll<D>(used: Reference[], registry: Record<string, () => Promise<{ default: D }>>) {
    const found: Record<string, D> = {};
    for (const { path, name } of used) {
      if (document.problems.some((problem) => problem.path === pathText(path))) continue;
      if (Object.hasOwn(found, name)) continue;
      const loaded = await loadOne(file, name, registry, sources.import);
      if (loaded.ok) {
        found[name] = loaded.definition;
        continue;
      }
      const line = document.lineOf(path);
      const { reason, remedy } = loaded;
      problems.push({ path: pathText(path), reason, remedy, ...(line ? { line } : {}) });
    }
    return found;
  }
  return {
    channelTypes: await loadAll(namesOf("channels", "type", channels), atOnce(sources.channelTypes)),
    connectors: await loadAll(namesOf("connections", "use", connections), sources.connectors),
    problems,
  };
}

const entries = z.record(z.string(), z.looseObject({}).catch({})).catch({});
const references = z
  .object({ channels: entries, connections: entries })
  .catch({ channels: {}, connections: {} });

function namesOf(section: string, key: string, values: z.output<typeof entries>): Reference[] {
  return Object.entries(values).flatMap(([name, entry]) => {
    const used = entry[key];
    return typeof used === "string" && used !== "" ? [{ path: [section, name, key], name: used }] : [];
  });
}

function atOnce<D>(registry: Record<string, D>): Record<string, () => Promise<{ default: D }>> {
  const entries = Object.entries(registry);
  return Object.fromEntries(
    entries.map(([name, definition]) => [name, async () => ({ default: definition })]),
  );
}

type Loaded<D> = { ok: true; definition: D } | { ok: false; reason: string; remedy: string };

async function loadOne<D>(
  file: string,
  name: string,
  registry: Record<string, () => Promise<{ default: D }>>,
  load: (specifier: string) => Promise<unknown>,
): Promise<Loaded<D>> {
  const own = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (own) return { ok: true, definition: (await own()).default };
  try {
    const { success, data } = pluginModule.safeParse(await load(specifierOf(file, name)));
    // The shape was checked as far as it can be; the rest is the conformance suite's work.
    if (success) return { ok: true, definition: data.default as D };
    const remedy = "Its default export must come from defineConnector or defineChannel";
    return { ok: false, reason: `${name} is not a plugin`, remedy };
  } catch (error) {
    return { ok: false, ...failedImport(name, error, Object.keys(registry)) };
  }
}

const pluginModule = z.object({
  default: z.looseObject({
    name: z.string(),
    label: z.string(),
    config: z.custom((value) => typeof value === "object" && value !== null && "safeParse" in value),
    create: z.custom((value) => typeof value === "function"),
  }),
});

/** Paths and packages are looked for from the file's folder, not from where Deskferry is installed. */
function specifierOf(file: string, name: string): string {
  if (/^\.{0,2}\//.test(name)) return pathToFileURL(resolve(dirname(file), name)).href;
  try {
    return pathToFileURL(createRequire(resolve(file)).resolve(name)).href;
  } catch {
    return name;
  }
}

function failedImport(name: string, error: unknown, known: string[]): { reason: string; remedy: string } {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") {
    const message = error instanceof Error ? error.message : "unknown error";
    return {
      reason: `the plugin ${name} fails to load (${message})`,
      remedy: "Repair or rebuild the plugin",
    };
  }
  if (/^\.{0,2}\//.test(name)) {
    return { reason: `there is no file ${name}`, remedy: "The path starts at the folder of this file" };
  }
  return { reason: `there is neither a plugin nor a package ${name}`, remedy: suggest(name, known) };
}
