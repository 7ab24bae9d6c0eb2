import type { Plugins } from "../config/plugins.ts";
import type { Config, RouteConfig } from "../config/schema.ts";
import { createExpressions } from "../mapping/expressions.ts";
import { createMapper, type Mapper } from "../mapping/mapper.ts";
import type { Channel, ChannelDefinition } from "../sdk/channel.ts";
import type { Clock } from "../sdk/clock.ts";
import type { Connector, ConnectorDefinition } from "../sdk/connector.ts";
import { createHttpClient } from "../sdk/http-client.ts";
import type { Tools } from "../sdk/tools.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { ConnectionGuard } from "./calls/guard.ts";
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

export interface PartsTools {
  logger: Logger;
  clock: Clock;
  /** By connection; a connection without one calls as it likes. */
  guards?: ReadonlyMap<string, ConnectionGuard>;
}

/** Builds channels, connectors and mapper. Loads no mapping and calls nobody. */
export function createParts(config: Config, plugins: Plugins, tools: PartsTools): Parts {
  const channels = renewable(config.channels, (name, { type, settings }) =>
    required(plugins.channelTypes, type).create(settings, pluginTools({ channel: name }, tools)),
  );
  const mapper = createMapper();
  const evaluator = createExpressions();
  const expressions = toPluginExpressions(evaluator);
  const connections = renewable(
    config.connections,
    (name, { use, settings }) => {
      const plain = { ...pluginTools({ connection: name }, tools), expressions };
      return createConnector(required(plugins.connectors, use), settings, {
        plain,
        guard: tools.guards?.get(name),
      });
    },
    (name, method) => tools.guards?.get(name)?.intercept(method),
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

/** The connector knows nothing of its guard, which counts the calls of its client. */
function createConnector(
  definition: ConnectorDefinition,
  settings: unknown,
  { plain, guard }: { plain: Tools; guard: ConnectionGuard | undefined },
): Connector {
  if (!guard) return definition.create(settings, plain);
  const made: Connector = definition.create(settings, {
    ...plain,
    http: (options) => guard.http(plain.http(options), () => made.capabilities.rateLimitHeaders),
  });
  return made;
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
