import { PluginError } from "deskferry/sdk";
import { z } from "zod";
import { id, read, ticketList } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "check connection";
const fields = z.array(z.object({ id, name: z.string(), type: z.string().nullish() }));

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: TicketTools): Promise<string[]> {
  const { http, settings, directory } = tools;
  const ownId = await directory.ownId();
  const answer = await http.request({ method: "GET", path: "/ticket_fields", what });
  const present = new Set(read(answer, fields, what).map(({ name }) => name));
  const missing = Object.values(settings.fields).filter((name) => name !== undefined && !present.has(name));
  if (missing.length > 0) {
    throw problem(
      `tickets have no field ${missing.join(", ")}; make it as setup.md says, or name it in the settings`,
    );
  }
  if (settings.group) await directory.groupId(settings.group);
  const request = {
    method: "GET",
    path: "/tickets",
    query: { per_page: 1, include: "stats" },
    what,
  } as const;
  read(await http.request(request), ticketList, what);
  return [
    `Freshdesk answers at ${settings.url}`,
    `the key belongs to the agent ${ownId}, whose doings are taken for our own`,
    `ticket fields are in place: ${Object.values(settings.fields).filter(Boolean).join(", ")}`,
    ...(settings.group ? [`new tickets go to the group ${settings.group}`] : []),
    "changes are found by polling",
  ];
}

function problem(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `${what}: ${reason}` });
}
