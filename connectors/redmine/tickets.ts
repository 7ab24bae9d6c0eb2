import {
  cleanText,
  fromHttpResponse,
  type NewTicket,
  oneLine,
  PluginError,
  type RecordRef,
  type TicketStatus,
} from "deskferry/sdk";
import { customFieldsOf, trackerMissing } from "./contacts.ts";
import { fieldMissing, type Project } from "./directory.ts";
import {
  type FieldValue,
  findByField,
  getIssue,
  issueAddress,
  issueGone,
  lostFields,
  putIssue,
  type RedmineTools,
} from "./issues.ts";
import { configProblem, type Issue, oneIssue, read } from "./records.ts";
import type { Settings } from "./settings.ts";

const what = "create ticket";

export async function createTicket(request: NewTicket, tools: RedmineTools): Promise<RecordRef> {
  const { settings, directory } = tools;
  await directory.account();
  const place = await placeOf(request.ticket.queue ?? settings.project, tools);
  const own = await ownFields(request, place.project, tools);
  const others = await otherFields(request, place.project, tools);
  const issue = {
    ...place.ids,
    subject: oneLine(request.ticket.subject),
    custom_fields: [...own, ...others],
    ...(await detailsOf(request, tools)),
  };
  const made = await post(issue, await assigneeOf(request, place.project, tools), tools);
  await verify(made, { own, others }, tools);
  return { id: made.id, address: issueAddress(settings, made.id) };
}

/** `project` or `project/Category`; identifiers of projects have no slash. */
async function placeOf(queue: string, { directory, settings }: RedmineTools) {
  const [identifier = "", ...rest] = queue.split("/");
  const project = await directory.project(identifier);
  const tracker = project.trackers.get(settings.tracker);
  if (tracker === undefined) throw trackerMissing(project, settings.tracker);
  const ids = { project_id: Number(project.id), tracker_id: Number(tracker) };
  if (rest.length === 0) return { project, ids };
  const category = project.categories.get(rest.join("/"));
  if (category === undefined) {
    throw configProblem(`the project ${identifier} has no category "${rest.join("/")}"`);
  }
  return { project, ids: { ...ids, category_id: Number(category) } };
}

/** The message's field is written along to learn now, and not when a comment is lost, whether Redmine keeps it. */
async function ownFields(
  { externalId, contactId }: NewTicket,
  project: Project,
  { directory, settings }: RedmineTools,
): Promise<FieldValue[]> {
  const listed = new Set(project.fields.values());
  const values = { ticket: externalId, message: externalId, contact: issueAddress(settings, contactId) };
  const fields: FieldValue[] = [];
  for (const [name, value] of Object.entries(values) as [keyof typeof values, string][]) {
    const id = await directory.field(name);
    const given = settings.fields[name];
    if (typeof given === "string" && !listed.has(id)) throw fieldMissing(project.identifier, given);
    fields.push({ id, value });
  }
  return fields;
}

async function otherFields(
  { ticket }: NewTicket,
  project: Project,
  { directory, settings, warnOnce }: RedmineTools,
): Promise<FieldValue[]> {
  const fields = customFieldsOf(ticket.custom, project);
  const extra = {
    tags: ticket.tags?.join(", "),
    skills: ticket.skills?.join(", "),
    firstAnswer: ticket.due?.firstAnswer,
  };
  for (const [name, value] of Object.entries(extra) as [keyof typeof extra, string | undefined][]) {
    if (!value) continue;
    if (settings.fields[name] === undefined) {
      // Tags and skills are declared as unsupported then; of due times the other one is kept.
      warnOnce(`Redmine has no ${name} of due: the setting fields.${name} names no custom field for it`);
    } else fields.push({ id: await directory.field(name), value: cleanText(value) });
  }
  return fields;
}

async function detailsOf({ ticket }: NewTicket, { directory, settings }: RedmineTools) {
  const { description, priority, due } = ticket;
  // Redmine refuses a day before the start, which would be today, by the clock and zone of its account.
  const dates = due?.solution ? { due_date: due.solution.slice(0, 10), start_date: "" } : {};
  const text = description ? { description: cleanText(description) } : {};
  if (!priority) return { ...text, ...dates };
  const name = settings.priorities[priority];
  const id = (await directory.priorities()).get(name);
  if (id === undefined)
    throw configProblem(`Redmine has no priority "${name}" (setting priorities.${priority})`);
  return { ...text, ...dates, priority_id: Number(id) };
}

/** Redmine takes ids only, and names of members are all that an account without more rights can look up. */
async function assigneeOf(
  { ticket }: NewTicket,
  project: Project,
  tools: RedmineTools,
): Promise<string | undefined> {
  const { assignee } = ticket;
  if (!assignee || /^\d+$/.test(assignee)) return assignee;
  const members = await tools.directory.members(project.id);
  const found = members.find(({ name }) => name === assignee);
  if (!found) tools.log.warn("no member of the project has the name of a ticket's assignee");
  return found?.id;
}

/** 422 says that nothing was made. A ticket is worth more than its assignee. */
async function post(
  issue: Record<string, unknown>,
  assignee: string | undefined,
  tools: RedmineTools,
): Promise<Issue> {
  const send = (more: Record<string, unknown>) =>
    tools.http.request({
      method: "POST",
      path: "/issues.json",
      json: { issue: { ...issue, ...more } },
      what,
      accept: [403, 422],
    });
  let answer = await send(assignee ? { assigned_to_id: Number(assignee) } : {});
  if (answer.status === 422 && assignee) {
    tools.log.warn("Redmine refused a ticket; tried without its assignee");
    answer = await send({});
  }
  if (answer.status === 403) {
    throw new PluginError({
      kind: "config",
      code: 403,
      operatorMessage: `${what}: the account may not create issues there (permission Add issues)`,
    });
  }
  if (answer.status === 422) throw fromHttpResponse(answer, what, tools.clock.now());
  return read(answer, oneIssue, what).issue;
}

/**
 * Redmine makes the issue also when it ignores a field. A ticket without our id would be made again at every try, so
 * it is closed and the operator asked.
 */
async function verify(
  made: Issue,
  { own, others }: { own: FieldValue[]; others: FieldValue[] },
  tools: RedmineTools,
): Promise<void> {
  const { log, settings, directory } = tools;
  const forgotten = lostFields(made, others);
  if (forgotten.length > 0) log.warn("Redmine did not keep custom fields of a ticket", { fields: forgotten });
  const lost = lostFields(made, own);
  if (lost.length === 0) return;
  directory.forget();
  const closed = await statusId("closed", tools).catch(() => undefined);
  if (closed) await putIssue(made.id, { status_id: Number(closed.id) }, what, tools).catch(() => undefined);
  throw configProblem(
    `${what}: Redmine made issue ${made.id} without the custom field ${lost.join(", ")}, it was closed again; ` +
      `run setup.rb for its project, or let the role of the account see and change the field in the tracker ${settings.tracker}`,
  );
}

export async function findTicket(externalId: string, tools: RedmineTools): Promise<RecordRef | undefined> {
  const field = await tools.directory.field("ticket");
  await tools.directory.account();
  const [found] = await findByField(field, externalId, "look up ticket", tools);
  return found && { id: found.id, address: issueAddress(tools.settings, found.id) };
}

/** Redmine answers 204 to a status that it does not know or that the workflow forbids, so the issue is read again. */
export async function updateTicket(
  id: string,
  { status }: { status: TicketStatus },
  tools: RedmineTools,
): Promise<void> {
  const doing = "update ticket";
  const wanted = await statusId(status, tools);
  const answer = await putIssue(id, { status_id: Number(wanted.id) }, doing, tools);
  const after = answer.status === 404 ? undefined : await getIssue(id, tools);
  if (!after) throw issueGone(id, doing);
  if (tools.settings.statuses[after.status.name] === status) return;
  const operatorMessage =
    `${doing}: Redmine left issue ${id} at "${after.status.name}" instead of "${wanted.name}"; ` +
    "does the workflow allow it to the role of the account?";
  throw new PluginError({ kind: "rejected", operatorMessage });
}

async function statusId(status: TicketStatus, { directory, settings }: RedmineTools) {
  const name = statusName(settings, status);
  if (name === undefined)
    throw configProblem(`the setting statuses names no status of Redmine for "${status}"`);
  const id = (await directory.statuses()).get(name);
  if (id === undefined) throw configProblem(`Redmine has no status "${name}" (setting statuses)`);
  return { id, name };
}

function statusName(settings: Settings, status: TicketStatus): string | undefined {
  return Object.entries(settings.statuses).find(([, word]) => word === status)?.[0];
}
