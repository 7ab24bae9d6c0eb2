import type { Plugins } from "../config/plugins.ts";
import type { Config, RouteConfig } from "../config/schema.ts";
import { createExpressions } from "../mapping/expressions.ts";
import { createMapper, type Mapper } from "../mapping/mapper.ts";
import type { Channel, ChannelDefinition } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Connector } from "../sdk/connector.ts";
import { createHttpClient } from "../sdk/http-client.ts";
import type { Tools } from "../sdk/tools.ts";
import type { Logger } from "../telemetry/logger.ts";
import { toPluginExpressions } from "./plugin-expressions.ts";
import { renewable } from "./renewable.ts";

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
  /** Ends the processes that evaluate. */
  close(): Promise<void>;
  /**
   * Builds what other settings make different, and puts it in the place of the old, for whoever holds it. What is under
   * way ends as it began. Throws, and changes nothing, when one cannot be built. Tells whose are new.
   */
  renew(next: Pick<Config, "channels" | "connections">): Renewed;
}

/** Names of what was built anew. */
export interface Renewed {
  channels: string[];
  connections: string[];
}

/** Builds channels, connectors and mapper. Loads no mapping and calls nobody. */
export function createParts(
  config: Config,
  plugins: Plugins,
  tools: { logger: Logger; clock: Clock },
): Parts {
  const channels = renewable(config.channels, (name, { type, settings }) =>
    required(plugins.channelTypes, type).create(settings, pluginTools({ channel: name }, tools)),
  );
  const mapper = createMapper();
  const evaluator = createExpressions();
  const expressions = toPluginExpressions(evaluator);
  const connections = renewable(config.connections, (name, { use, settings }) =>
    required(plugins.connectors, use).create(settings, {
      ...pluginTools({ connection: name }, tools),
      expressions,
    }),
  );
  return {
    channels: new Map(
      Object.entries(config.channels).map(([name, { type }]) => [
        name,
        { type, definition: required(plugins.channelTypes, type), channel: partOf(channels.parts, name) },
      ]),
    ),
    connectors: connections.parts,
    routes: new Map(config.routes.map((route) => [route.channel, route])),
    mapper,
    async close() {
      await Promise.all([mapper.close(), evaluator.close()]);
    },
    renew(next) {
      const built = [channels.build(next.channels), connections.build(next.connections)] as const;
      return { channels: built[0].putInPlace(), connections: built[1].putInPlace() };
    },
  };
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
