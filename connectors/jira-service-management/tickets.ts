import {
  type HttpAnswer,
  type NewTicket,
  oneLine,
  PluginError,
  parseJson,
  type RecordRef,
} from "deskferry/sdk";
import { z } from "zod";
import { configProblem, id, issueAddress, issuePath, issueRecord, read } from "./records.ts";
import { ticketFields } from "./ticket-fields.ts";
import type { JiraTools } from "./tools.ts";

const made = z.object({ issueId: id, issueKey: z.string().min(1) });
export const foundIssues = z.object({
  issues: z.array(issueRecord),
  nextPageToken: z.string().nullish(),
});
const refused = z.object({ errors: z.record(z.string(), z.unknown()) });

/** A request by our own account, and its further fields by a second call. The key is the ticket's id. */
export async function createTicket(request: NewTicket, tools: JiraTools): Promise<RecordRef> {
  const what = "create request";
  const { http, settings, directory, people } = tools;
  const { ticket, externalId, contactId } = request;
  const fields = await ticketFields(request, tools);
  const json = {
    serviceDeskId: settings.serviceDesk,
    requestTypeId: await directory.requestTypeId(ticket.queue ?? settings.requestType),
    requestFieldValues: {
      summary: oneLine(ticket.subject),
      [settings.fields.ticket]: externalId,
      [settings.fields.person]: await people.lineOf(contactId),
    },
  };
  const path = "/rest/servicedeskapi/request";
  const answer = await http.request({ method: "POST", path, json, what, accept: [400, 404] });
  if (answer.status >= 400) throw refusal(answer, what, tools);
  const { issueKey: key } = read(answer, made, what);
  if (Object.keys(fields).length > 0) await refine(key, fields, tools);
  return { id: key, address: issueAddress(settings, key) };
}

/** The fields of ours that are not on the form of the request type are named; nothing else of the answer is told. */
function refusal({ status, text }: HttpAnswer, what: string, { settings }: JiraTools): PluginError {
  const { ticket, person } = settings.fields;
  if (status === 404)
    return configProblem(
      `${what}: Jira has no service desk ${settings.serviceDesk}, or not that request type`,
    );
  const missing = [ticket, person].filter((field) => text.includes(`'${field}'`));
  if (missing.length === 0) {
    const operatorMessage = `${what}: Jira refused it with 400; does the form of the request type ask for more than setup.md says?`;
    return new PluginError({ kind: "rejected", code: 400, operatorMessage });
  }
  return configProblem(`${what}: the form of the request type lacks ${missing.join(", ")} (see setup.md)`);
}

/**
 * The request is there, so that an error now would at best be looked into and found done: what fails is logged. Jira names
 * the fields that it does not take, which is all that it says to the others.
 */
async function refine(key: string, fields: Record<string, unknown>, tools: JiraTools): Promise<void> {
  const put = (some: Record<string, unknown>) =>
    tools.http.request({
      method: "PUT",
      path: issuePath(key),
      json: { fields: some },
      what: "set fields",
      accept: [400],
    });
  try {
    const answer = await put(fields);
    if (answer.status !== 400) return;
    const names = refusedFields(answer).filter((name) => name in fields);
    tools.log.warn("Jira did not take fields of a new ticket", { fields: names, ticket: key });
    const rest = Object.entries(fields).filter(([name]) => !names.includes(name));
    if (names.length > 0 && rest.length > 0) await put(Object.fromEntries(rest));
  } catch {
    tools.log.warn("Jira did not take the further fields of a new ticket", {
      fields: Object.keys(fields),
      ticket: key,
    });
  }
}

function refusedFields({ text }: HttpAnswer): string[] {
  return Object.keys(refused.safeParse(parseJson(text)).data?.errors ?? {});
}

/** Text fields are searched by words, so the hits are compared. */
export async function findTicket(externalId: string, tools: JiraTools): Promise<RecordRef | undefined> {
  const what = "look up request";
  const { http, settings } = tools;
  const field = settings.fields.ticket;
  const words = externalId.replace(/["\\]/g, " ");
  const json = {
    jql: `${clauseOf(field)} ~ "\\"${words}\\""`,
    fields: [field],
    maxResults: 100,
  };
  const answer = await http.request({ method: "POST", path: "/rest/api/3/search/jql", json, what });
  const found = read(answer, foundIssues, what).issues.find(({ fields }) => fields[field] === externalId);
  return found && { id: found.key, address: issueAddress(settings, found.key) };
}

/** `customfield_10050` is `cf[10050]` in JQL. */
export function clauseOf(field: string): string {
  return `cf[${field.replace("customfield_", "")}]`;
}
