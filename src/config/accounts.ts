import type { ChannelDefinition } from "../sdk/channel.ts";
import { PluginError } from "../sdk/errors.ts";
import type { HttpClient } from "../sdk/http-client.ts";
import type { Tools } from "../sdk/tools.ts";
import type { Finding } from "./cross-checks.ts";
import type { ChannelConfig } from "./schema.ts";

/** Lets a plugin be made without being able to do anything: its contract says that making has no effects. */
const idleTools: Tools = {
  http: (): HttpClient => ({ request: refuse, download: refuse }),
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
  clock: { now: () => 0 },
};

function refuse(): Promise<never> {
  return Promise.reject(new PluginError({ kind: "bug", operatorMessage: "a request while being set up" }));
}

/**
 * Two channels for one business number would answer each message twice. Which number a channel serves only its own
 * code knows, hence it is made once for the question.
 */
export function doubleAccounts(
  channels: Record<string, ChannelConfig>,
  channelTypes: Record<string, ChannelDefinition>,
): Finding[] {
  const owners = new Map<string, string>();
  return Object.entries(channels).flatMap(([name, { type, settings }]): Finding[] => {
    const account = accountOf(channelTypes[type], settings);
    if (account.failure) {
      return [{ path: ["channels", name], reason: account.failure, remedy: "Correct its settings" }];
    }
    const key = JSON.stringify([channelTypes[type]?.name, account.id]);
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, name);
      return [];
    }
    const reason = `serves the same ${type} number as channels.${owner}`;
    return [{ path: ["channels", name], reason, remedy: "Remove one of the two" }];
  });
}

function accountOf(
  definition: ChannelDefinition | undefined,
  settings: unknown,
): { id?: string; failure?: string } {
  try {
    return { id: definition?.create(settings, idleTools).accountId ?? "" };
  } catch (error) {
    const why = error instanceof PluginError ? error.operatorMessage : "its code failed";
    return { failure: `the channel cannot be set up: ${why}` };
  }
}
