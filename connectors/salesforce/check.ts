import { PluginError } from "deskferry/sdk";
import { z } from "zod";
import { tryChanges } from "./changes.ts";
import { CASE_FIELD, ID_FIELD, MESSAGE, readValue } from "./records.ts";
import type { CaseTools } from "./tickets.ts";

const what = "check connection";

const described = z.object({
  createable: z.boolean(),
  fields: z.array(
    z.object({
      name: z.string(),
      createable: z.boolean().nullish(),
      unique: z.boolean().nullish(),
      externalId: z.boolean().nullish(),
      caseSensitive: z.boolean().nullish(),
    }),
  ),
});
type Described = z.output<typeof described>;

const tracked = z.object({ IsFieldHistoryTracked: z.boolean() });

const history =
  "SELECT IsFieldHistoryTracked FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Case' AND QualifiedApiName = 'Status'";
const objects = ["Contact", "Case", MESSAGE];

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: CaseTools): Promise<string[]> {
  const { api, settings, directory } = tools;
  const ownId = await api.ownId();
  const requests = objects.map((name) => ({ method: "GET" as const, path: `/sobjects/${name}/describe` }));
  const { bodies } = await api.together(requests, what);
  const [contact, ticket, message] = objects.map((name, index) => ({
    name,
    found: readValue(bodies[index], described, what),
  }));
  if (contact) mustHave(contact, [ID_FIELD]);
  if (ticket) mustHave(ticket, [ID_FIELD, ...Object.values(settings.fields)]);
  if (message) mustHave(message, [ID_FIELD, CASE_FIELD]);
  await tryChanges(tools);
  const [status] = await api.query(history, tracked, what);
  if (status?.IsFieldHistoryTracked === false) {
    throw problem("the history of Case Status is not kept; switch it on, see setup.md");
  }
  const present = await directory.statuses();
  const missing = Object.keys(settings.statuses).filter((value) => !present.has(value));
  if (missing.length > 0) {
    throw problem(`the setting statuses names ${missing.join(", ")}, which Case Status lacks`);
  }
  if (settings.queue) await directory.queueId(settings.queue);
  return [
    `Salesforce answers at ${settings.url}`,
    `the app acts as the user ${ownId}, whose doings are taken for our own`,
    `${objects.join(", ")} and their fields are in place`,
    status
      ? "the history of Case Status is kept"
      : "whether the history of Case Status is kept is hidden from this user: see setup.md",
    settings.queue
      ? `new cases go to the queue ${settings.queue}`
      : "no queue is set: assignment rules decide where new cases go",
    ...(settings.account
      ? []
      : ["no account is set: new contacts have none, and only their owner and administrators see them"]),
    "changes are found by polling",
  ];
}

function mustHave({ name, found }: { name: string; found: Described }, wanted: (string | undefined)[]): void {
  if (!found.createable) throw problem(`the user may not create ${name}; see the permission set in setup.md`);
  for (const wish of wanted.filter((each) => each !== undefined)) {
    const field = found.fields.find((each) => each.name === wish);
    if (!field?.createable) throw problem(`${name} has no field ${wish} that the user may write`);
    if (wish === ID_FIELD && !(field.unique && field.externalId)) {
      throw problem(`${name}.${wish} must be unique and an external id, or messages come twice`);
    }
    if (wish === ID_FIELD && name !== MESSAGE && !field.caseSensitive) {
      throw problem(`${name}.${wish} must treat "ABC" and "abc" as different values`);
    }
  }
}

function problem(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `${what}: ${reason}` });
}
