import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { z } from "zod";
import { suggest } from "../domain/did-you-mean.ts";
import { doubleAccounts } from "./accounts.ts";
import { crossCheck, type Finding } from "./cross-checks.ts";
import { type ConfigDocument, readDocument } from "./document.ts";
import { type Environment, environment } from "./env.ts";
import { ConfigError, type ConfigProblem } from "./errors.ts";
import type { Plugins } from "./plugins.ts";
import { type ChannelConfig, type Config, type ConnectionConfig, configFile } from "./schema.ts";
import { createSecretFiles, type SecretFiles } from "./secret-files.ts";
import { pathText } from "./setting-path.ts";
import { strict } from "./strict.ts";
import { strictFindings } from "./strict-profile.ts";
import { validate } from "./validate.ts";
import { createVariableReader } from "./variables.ts";

type ConfigFile = z.output<typeof configFile>;

/** Settings whose secrets may change while they are in use. */
export interface OpenConfig {
  config: Config;
  secretFiles: SecretFiles;
  /** The same deskferry.yaml with what the secret files hold by now. Throws ConfigError. */
  reload(): Config;
}

/** The same as loadConfig, for a program that goes on for long. */
export function openConfig(file: string, plugins: Plugins, env: Environment = environment()): OpenConfig {
  const secretFiles = createSecretFiles();
  const readVariable = createVariableReader(env, secretFiles.add);
  const document = readDocument(file, readVariable);
  return {
    config: check(file, document, plugins),
    secretFiles,
    reload: () => check(file, readDocument(file, readVariable, document.source), plugins),
  };
}

/**
 * Reads deskferry.yaml, fills in variables and checks everything. Throws ConfigError with all problems. Variables come
 * from the program's environment unless given.
 */
export function loadConfig(file: string, plugins: Plugins, env: Environment = environment()): Config {
  return openConfig(file, plugins, env).config;
}

function check(file: string, document: ConfigDocument, plugins: Plugins): Config {
  if (document.value === undefined) throw new ConfigError(file, document.problems);
  const core = validate(configFile, { path: [], value: document.value }, document);
  const channels = checkEntries(document, { section: "channels", key: "type", known: plugins.channelTypes });
  const connections = checkEntries(document, {
    section: "connections",
    key: "use",
    known: plugins.connectors,
  });
  const problems = [
    ...document.problems,
    ...(plugins.problems ?? []),
    ...(core.problems ?? []),
    ...channels.problems,
    ...connections.problems,
    ...located(crossCheck(file, document.value), document),
  ];
  if (problems.length > 0 || !core.value) throw new ConfigError(file, tidy(problems));
  const config = assemble(file, core.value, {
    channels: channels.settings,
    connections: connections.settings,
  });
  const doubles = located(doubleAccounts(config.channels, plugins.channelTypes), document);
  const demanded = located(strictFindings(config), document);
  if (doubles.length + demanded.length > 0) throw new ConfigError(file, tidy([...doubles, ...demanded]));
  return config;
}

interface EntryKind {
  section: "channels" | "connections";
  /** Key that names the plugin. */
  key: "type" | "use";
  known: Record<string, { config: z.ZodType }>;
}

/** Keys of an entry that are not the plugin's. */
const OURS: Record<EntryKind["section"], string[]> = {
  channels: ["type"],
  connections: ["use", "pollSeconds", "reconcileMinutes", "callsPerMinute"],
};

/** Each entry's own settings by its plugin's schema. */
function checkEntries(document: ConfigDocument, { section, key, known }: EntryKind) {
  const settings: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, entry] of Object.entries(asObject(asObject(document.value)[section]))) {
    const used = asObject(entry)[key];
    if (typeof used !== "string" || used === "") continue;
    const definition = Object.hasOwn(known, used) ? known[used] : undefined;
    if (!definition) {
      const reason = `there is no plugin "${used}"`;
      const finding = { path: [section, name, key], reason, remedy: suggest(used, Object.keys(known)) };
      problems.push(...located([finding], document));
      continue;
    }
    const own = Object.entries(asObject(entry)).filter(([setting]) => !OURS[section].includes(setting));
    const part = { path: [section, name], value: Object.fromEntries(own) };
    const checked = validate(strict(definition.config), part, document);
    if (checked.problems) problems.push(...checked.problems);
    else settings[name] = checked.value;
  }
  return { settings, problems };
}

function assemble(
  file: string,
  core: ConfigFile,
  settings: { channels: Record<string, unknown>; connections: Record<string, unknown> },
): Config {
  const base = dirname(resolve(file));
  const channels: Record<string, ChannelConfig> = {};
  for (const [name, { type }] of Object.entries(core.channels)) {
    channels[name] = { type, settings: settings.channels[name] };
  }
  const connections: Record<string, ConnectionConfig> = {};
  for (const [name, entry] of Object.entries(core.connections)) {
    const { use, pollSeconds, reconcileMinutes, callsPerMinute } = entry;
    connections[name] = {
      use,
      reconcileMinutes,
      settings: settings.connections[name],
      ...(pollSeconds ? { pollSeconds } : {}),
      ...(callsPerMinute ? { callsPerMinute } : {}),
    };
  }
  const folder = core.media.folder ? resolve(base, core.media.folder) : join(tmpdir(), "deskferry-media");
  return {
    ...core,
    channels,
    connections,
    routes: core.routes.map((route) => ({ ...route, mapping: resolve(base, route.mapping) })),
    media: { ...core.media, folder },
  };
}

function located(findings: Finding[], document: ConfigDocument): ConfigProblem[] {
  return findings.map(({ path, reason, remedy }) => {
    const line = document.lineOf(path);
    return { path: pathText(path), reason, remedy, ...(line === undefined ? {} : { line }) };
  });
}

/** The first finding at a place is the cause (a missing variable, say), further ones only follow from it. */
function tidy(problems: ConfigProblem[]): ConfigProblem[] {
  const seen = new Set<string>();
  const first = problems.filter(({ path, line }) => {
    const key = path === "" ? `line ${line}` : path;
    return !seen.has(key) && seen.add(key);
  });
  return first.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
