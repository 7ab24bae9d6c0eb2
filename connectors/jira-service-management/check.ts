import { z } from "zod";
import { configProblem, id, read, userRecord } from "./records.ts";
import { statusOf } from "./statuses.ts";
import type { JiraTools } from "./tools.ts";

const what = "check connection";
const NEEDED = ["ADD_COMMENTS", "CREATE_ATTACHMENTS", "EDIT_ISSUES", "TRANSITION_ISSUES"];

const formRecord = z.object({
  requestTypeFields: z.array(
    z.object({ fieldId: z.string(), name: z.string().nullish(), required: z.boolean().nullish() }),
  ),
});
const permissionList = z.object({
  permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })),
});
const attachmentSettings = z.object({ enabled: z.boolean(), uploadLimit: z.number() });
const statusList = z.array(z.object({ statuses: z.array(z.object({ name: z.string() })) }));

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: JiraTools): Promise<string[]> {
  const { settings, directory } = tools;
  const get = getter(tools);
  const { accountId } = await get("/rest/api/3/myself", userRecord);
  if (accountId !== settings.accountId)
    throw problem(
      `accountId: the token's account has another one (${accountId}); our own comments would be taken for those of staff`,
    );
  const project = await directory.projectKey();
  await checkForm(tools);
  await get(`/rest/servicedeskapi/organization/${settings.organization}`, z.object({ id }));
  const { permissions } = await get("/rest/api/3/mypermissions", permissionList, {
    projectKey: project,
    permissions: NEEDED.join(","),
  });
  const lacking = NEEDED.filter((name) => permissions[name]?.havePermission !== true);
  if (lacking.length > 0) throw problem(`the account lacks ${lacking.join(", ")} in the project ${project}`);
  const { enabled, uploadLimit } = await get("/rest/api/3/attachment/meta", attachmentSettings);
  if (settings.maxAttachmentBytes > (enabled ? uploadLimit : 0))
    throw problem(`maxAttachmentBytes: Jira takes files of at most ${enabled ? uploadLimit : 0} bytes`);
  const unnamed = await unnamedStatuses(project, tools);
  return [
    `Jira answers at ${settings.url}`,
    `the account may write in the service project ${project}`,
    ...(unnamed.length > 0
      ? [`statuses that the setting statuses does not name, and that are passed over: ${unnamed.join(", ")}`]
      : []),
    settings.webhookSecret
      ? "changes arrive by webhook; polling finds what was missed"
      : "no webhookSecret is set: changes are found by polling",
  ];
}

/** The form of a request type decides what can be written when a request is made. */
async function checkForm(tools: JiraTools): Promise<void> {
  const { settings, directory } = tools;
  const type = await directory.requestTypeId(settings.requestType);
  const path = `/rest/servicedeskapi/servicedesk/${settings.serviceDesk}/requesttype/${type}/field`;
  const { requestTypeFields: form } = await getter(tools)(path, formRecord);
  for (const name of ["ticket", "person"] as const) {
    const wanted = settings.fields[name];
    if (form.some(({ fieldId }) => fieldId === wanted)) continue;
    const listed = form.map(({ fieldId, name: label }) => `${fieldId} (${label ?? ""})`).join(", ");
    throw problem(`fields.${name}: the form of the request type lacks ${wanted}; it has ${listed}`);
  }
  const ours = ["summary", settings.fields.ticket, settings.fields.person];
  const others = form.filter(({ fieldId, required }) => required && !ours.includes(fieldId));
  if (others.length === 0) return;
  const names = others.map(({ fieldId, name }) => `${fieldId} (${name ?? ""})`).join(", ");
  throw problem(`requestType: its form requires what Deskferry does not give: ${names}`);
}

async function unnamedStatuses(project: string, tools: JiraTools): Promise<string[]> {
  const path = `/rest/api/3/project/${encodeURIComponent(project)}/statuses`;
  const types = await getter(tools)(path, statusList);
  const names = new Set(types.flatMap(({ statuses }) => statuses.map(({ name }) => name)));
  return [...names].filter((name) => statusOf(name, tools.settings) === undefined);
}

function getter({ http }: JiraTools) {
  return async <T extends z.ZodType>(path: string, schema: T, query: Record<string, string> = {}) =>
    read(await http.request({ method: "GET", path, query, what }), schema, what);
}

function problem(reason: string) {
  return configProblem(`${what}: ${reason}`);
}
