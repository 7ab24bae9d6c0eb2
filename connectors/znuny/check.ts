import { PluginError } from "deskferry/sdk";
import { z } from "zod";
import { rawStatus } from "./tickets.ts";
import { call, type ZnunyTools } from "./web-service.ts";

const what = "check connection";
const state = z.object({
  Version: z.string(),
  QueueIsThere: z.coerce.number(),
  MayWrite: z.coerce.number(),
  MissingFields: z.array(z.string()),
  HasSecret: z.coerce.number(),
});

/** Tries what the connector will need, and names what an administrator may have got wrong. */
export async function checkConnection(tools: ZnunyTools): Promise<string[]> {
  const { settings } = tools;
  const { queue, username } = settings;
  const found = await call({ operation: "Check", body: { Queue: queue }, schema: state, what }, tools);
  await call({ operation: "TicketSearch", body: { Limit: 1 }, schema: z.looseObject({}), what }, tools);
  if (found.QueueIsThere !== 1) throw problem(`Znuny has no valid queue "${queue}"`);
  if (found.MayWrite !== 1) {
    throw problem(`the account ${username} lacks the permission rw in the group of the queue "${queue}"`);
  }
  if (found.MissingFields.length > 0) {
    throw problem(
      `Znuny lacks the dynamic field ${found.MissingFields.join(", ")}, or it is not valid; install the add-on again`,
    );
  }
  for (const status of ["new", "open"] as const) {
    if (!rawStatus(settings, status))
      throw problem(`the setting statuses names no state of Znuny for "${status}"`);
  }
  if (settings.webhookSecret && found.HasSecret !== 1) {
    throw problem("Znuny's setting Deskferry::WebhookSecret is empty, so that it sends no webhooks");
  }
  return [
    `Znuny ${found.Version} answers at ${settings.url}, web service ${settings.webservice}`,
    `account ${username} may use the add-on and write tickets in the queue ${queue}`,
    settings.webhookSecret
      ? "changes arrive by webhook; polling finds what was missed"
      : "no webhookSecret is set: changes are found by polling",
  ];
}

function problem(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `${what}: ${reason}` });
}
