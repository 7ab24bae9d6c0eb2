import type { Plugins } from "../config/plugins.ts";
import type { Config, RouteConfig } from "../config/schema.ts";
import { createMapper, type Mapper } from "../mapping/mapper.ts";
import type { Channel, ChannelDefinition } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Connector } from "../sdk/connector.ts";
import { createHttpClient } from "../sdk/http-client.ts";
import type { Tools } from "../sdk/tools.ts";
import type { Logger } from "../telemetry/logger.ts";

export interface ChannelPart {
  type: string;
  definition: ChannelDefinition;
  channel: Channel;
}

/** What the settings name, at work. */
export interface Parts {
  channels: ReadonlyMap<string, ChannelPart>;
  connectors: ReadonlyMap<string, Connector>;
  /** By channel. */
  routes: ReadonlyMap<string, RouteConfig>;
  mapper: Mapper;
}

/** Builds channels, connectors and mapper. Loads no mapping and calls nobody. */
export function createParts(
  config: Config,
  plugins: Plugins,
  tools: { logger: Logger; clock: Clock },
): Parts {
  const channels = new Map<string, ChannelPart>();
  for (const [name, { type, settings }] of Object.entries(config.channels)) {
    const definition = required(plugins.channelTypes, type);
    const channel = definition.create(settings, pluginTools({ channel: name }, tools));
    channels.set(name, { type, definition, channel });
  }
  const connectors = new Map<string, Connector>();
  for (const [name, { use, settings }] of Object.entries(config.connections)) {
    const definition = required(plugins.connectors, use);
    connectors.set(name, definition.create(settings, pluginTools({ connection: name }, tools)));
  }
  const routes = new Map(config.routes.map((route) => [route.channel, route]));
  return { channels, connectors, routes, mapper: createMapper() };
}

function required<T>(plugins: Record<string, T>, name: string): T {
  const plugin = plugins[name];
  if (!plugin) throw new Error(`no plugin is called ${name}`);
  return plugin;
}

function pluginTools(
  whose: Record<string, string>,
  { logger, clock }: { logger: Logger; clock: Clock },
): Tools {
  const write =
    (level: "debug" | "info" | "warn") =>
    (message: string, fields: Record<string, unknown> = {}) =>
      logger[level](message, { ...fields, ...whose });
  return {
    http: (options) => createHttpClient(options, clock),
    log: { debug: write("debug"), info: write("info"), warn: write("warn") },
    clock,
  };
}

/** The part of this name, which the settings' own check has promised to be there. */
export function partOf<T>(parts: ReadonlyMap<string, T>, name: string): T {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`the settings name ${name}, which does not exist`);
  return part;
}
