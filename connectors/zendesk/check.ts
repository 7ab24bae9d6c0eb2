import { type ErrorKind, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { fetchFrom } from "./changes.ts";
import { read, userRecord } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "check connection";

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: TicketTools): Promise<string[]> {
  const { http, settings, directory, clock } = tools;
  const answer = await http.request({ method: "GET", path: "/api/v2/users/me.json", what });
  const { user } = read(answer, z.object({ user: userRecord }), what);
  // Zendesk answers 200 to those who are not logged in, too.
  if (user.id === null) {
    throw problem(
      "Zendesk takes us for nobody: is the token right, and is token access switched on?",
      "auth",
    );
  }
  if (user.id !== settings.accountId) {
    throw problem(
      `accountId: the token's account has the number ${user.id}; our own writes would be taken for those of staff`,
    );
  }
  if (user.role !== "admin") {
    throw problem("the account must be an administrator, or Zendesk does not let it export changes");
  }
  if (settings.group) await directory.groupId(settings.group);
  await fetchFrom(Math.floor(clock.now() / 1000), tools);
  return [
    `Zendesk answers at ${settings.url}`,
    `account ${user.id} is an administrator and may export changes`,
    ...(settings.group ? [`new tickets go to the group ${settings.group}`] : []),
    settings.webhookSecret
      ? "changes arrive by webhook; polling finds what was missed, a minute or two later"
      : "no webhookSecret is set: changes are found by polling, a minute or two later",
  ];
}

function problem(reason: string, kind: ErrorKind = "config"): PluginError {
  return new PluginError({ kind, operatorMessage: `${what}: ${reason}` });
}
