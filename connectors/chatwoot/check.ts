import { PluginError } from "deskferry/sdk";
import { z } from "zod";
import { below, type ChatwootTools, ID_ATTRIBUTE, id, read } from "./records.ts";

const what = "check connection";

const profile = z.object({ id: z.number(), accounts: z.array(z.object({ id })).nullish() });
const inboxes = z.object({
  payload: z.array(
    z.object({ id, channel_type: z.string().nullish(), lock_to_single_conversation: z.boolean().nullish() }),
  ),
});
const definitions = z.array(z.object({ attribute_key: z.string().nullish() }));

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection({ http, settings }: ChatwootTools): Promise<string[]> {
  const get = (path: string, query: Record<string, string> = {}) =>
    http.request({ method: "GET", path, query, what });
  const user = read(await get("/api/v1/profile"), profile, what);
  if (user.id !== settings.user) {
    throw problem(
      `user: the token's user has the number ${user.id}; our own messages would be taken for those of staff`,
    );
  }
  if (!user.accounts?.some((account) => account.id === String(settings.account)))
    throw problem(`account: the token's user does not belong to the account ${settings.account}`);
  const { payload } = read(await get(below(settings, "inboxes")), inboxes, what);
  const inbox = payload.find((one) => one.id === String(settings.inbox));
  if (inbox?.channel_type !== "Channel::Api")
    throw problem(`inbox: there is no API inbox ${settings.inbox}, or the user is not among its agents`);
  if (inbox.lock_to_single_conversation) {
    throw problem(
      `inbox: switch "Lock to single conversation" off in ${settings.inbox}, or each person has one conversation for ever`,
    );
  }
  const path = below(settings, "custom_attribute_definitions");
  const made = read(await get(path, { attribute_model: "0" }), definitions, what);
  if (!made.some(({ attribute_key: key }) => key === ID_ATTRIBUTE))
    throw problem(`conversations have no custom attribute ${ID_ATTRIBUTE}; add it as a text (see setup.md)`);
  return [
    `Chatwoot answers at ${settings.url}`,
    `user ${user.id} may use the API inbox ${settings.inbox} of account ${settings.account}`,
    settings.webhookSecret
      ? "changes arrive by webhook; polling finds what was missed, which Chatwoot never sends again"
      : "no webhookSecret is set: changes are found by polling",
  ];
}

function problem(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `${what}: ${reason}` });
}
