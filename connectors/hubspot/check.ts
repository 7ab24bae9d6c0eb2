import { PluginError } from "deskferry/sdk";
import { propertyRecord, read } from "./records.ts";
import type { HubspotTools } from "./tools.ts";

const what = "check connection";

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: HubspotTools): Promise<string[]> {
  const { api, settings, directory } = tools;
  const { contact, ticket, change, ...others } = settings.fields;
  await demand("contacts", contact, { unique: true }, tools);
  await demand("tickets", ticket, { unique: true }, tools);
  for (const name of [change, ...Object.values(others)])
    if (name !== undefined) await demand("tickets", name, { unique: false }, tools);
  const pipeline = await directory.pipeline(settings.pipeline);
  const json = { limit: 1, properties: ["hs_createdate"] };
  await api.call({ method: "POST", path: api.crm("objects", "/notes/search"), json, what });
  // Only tells whether the key may: the list of files itself is of no use.
  await api.call({ method: "GET", path: api.files("/search"), query: { limit: 1 }, what, accept: [404] });
  const stages: string[] = [];
  for (const { id, label } of pipeline.stages)
    stages.push(`${id} ${label} (${await directory.statusOf(id)})`);
  return [
    `HubSpot answers at ${settings.apiUrl}`,
    `properties are in place: ${contact} of contacts, ${[ticket, change].join(" and ")} of tickets`,
    `new tickets go to the pipeline ${pipeline.label}; its statuses: ${stages.join(", ")}`,
    `notes that begin with ${settings.replyMarker} go to the person, no others`,
    "changes are found by polling",
  ];
}

async function demand(
  kind: "contacts" | "tickets",
  name: string,
  { unique }: { unique: boolean },
  { api }: HubspotTools,
): Promise<void> {
  const path = api.crm("properties", `/${kind}/${encodeURIComponent(name)}`);
  const answer = await api.call({ method: "GET", path, what, accept: [404] });
  if (answer.status === 404) throw problem(`${kind} have no property ${name}; make it as setup.md says`);
  if (!unique || read(answer, propertyRecord, what).hasUniqueValue) return;
  throw problem(
    `the property ${name} of ${kind} does not require unique values, and HubSpot cannot change that`,
  );
}

function problem(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `${what}: ${reason}` });
}
