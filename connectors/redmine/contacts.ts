import {
  type ContactKey,
  type ContactRecord,
  cleanText,
  oneLine,
  PluginError,
  type RecordRef,
} from "deskferry/sdk";
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
import { configProblem, expectNothing, type Issue, oneIssue, read } from "./records.ts";

/**
 * Redmine knows users only, who log in and whom an administrator makes. So a person is an issue in a project of its
 * own, which needs no more rights than a ticket (docs/decisions). Nothing is written where nothing differs.
 */
export async function upsertContact(
  key: ContactKey,
  contact: ContactRecord,
  tools: RedmineTools,
): Promise<RecordRef> {
  await tools.directory.account();
  const project = await tools.directory.project(tools.settings.contactProject);
  const wanted = await fieldsOf(key, contact, project, tools);
  const known = await findContact(key, tools);
  const subject = oneLine(contact.name);
  const id = known
    ? await update(known, subject, wanted, tools)
    : await create(subject, wanted, project, tools);
  return { id, address: issueAddress(tools.settings, id) };
}

/** Our own first: without them the person is not recognised again. */
interface Wanted {
  own: FieldValue[];
  others: FieldValue[];
}

async function fieldsOf(
  key: ContactKey,
  contact: ContactRecord,
  project: Project,
  tools: RedmineTools,
): Promise<Wanted> {
  const { directory, settings } = tools;
  const own: FieldValue[] = [{ id: await directory.field("person"), value: key.externalId }];
  const phone = key.phone ?? contact.phone;
  if (phone) own.push({ id: await directory.field("phone"), value: phone });
  if (key.userId) own.push({ id: await directory.field("userId"), value: key.userId });
  const others: FieldValue[] = [];
  for (const name of ["email", "language", "organisation"] as const) {
    const value = contact[name];
    if (value === undefined) continue;
    if (settings.fields[name] === undefined) {
      tools.warnOnce(`Redmine has no ${name}: the setting fields.${name} names no custom field for it`);
    } else others.push({ id: await directory.field(name), value: cleanText(value) });
  }
  return { own, others: [...others, ...customFieldsOf(contact.custom, project)] };
}

/** By name, or by number for fields "for all projects". Empty removes the value. */
export function customFieldsOf(custom: ContactRecord["custom"], project: Project): FieldValue[] {
  return Object.entries(custom ?? {}).map(([name, value]) => {
    const id = project.fields.get(name) ?? (/^\d+$/.test(name) ? name : undefined);
    if (id === undefined) throw fieldMissing(project.identifier, name);
    return { id, value: value === null ? "" : cleanText(String(value)) };
  });
}

/** By our id first; then by user id and phone, for contacts that were made by hand or by another number. */
async function findContact(key: ContactKey, tools: RedmineTools): Promise<Issue | undefined> {
  const find = async (name: "person" | "userId" | "phone", value: string | undefined) =>
    value === undefined
      ? []
      : findByField(await tools.directory.field(name), value, "look up contact", tools);
  const own = (await find("person", key.externalId))[0] ?? (await find("userId", key.userId))[0];
  if (own) return own;
  const userIdField = await tools.directory.field("userId");
  // A number that went to somebody else: the contact with another user id is another person.
  return (await find("phone", key.phone)).find((issue) => {
    const userId = issue.custom_fields.get(userIdField)?.[0];
    return !userId || !key.userId || userId === key.userId;
  });
}

async function create(
  subject: string,
  { own, others }: Wanted,
  project: Project,
  tools: RedmineTools,
): Promise<string> {
  const what = "create contact";
  const { contactTracker } = tools.settings;
  const tracker = project.trackers.get(contactTracker);
  if (tracker === undefined) throw trackerMissing(project, contactTracker);
  const issue = {
    project_id: Number(project.id),
    tracker_id: Number(tracker),
    subject,
    custom_fields: [...own, ...others],
  };
  const answer = await tools.http.request({ method: "POST", path: "/issues.json", json: { issue }, what });
  const made = read(answer, oneIssue, what).issue;
  verify(made, { own, others }, tools);
  return made.id;
}

export function trackerMissing(project: Project, tracker: string): PluginError {
  return configProblem(`the project ${project.identifier} has no tracker "${tracker}" (see setup.md)`);
}

async function update(known: Issue, subject: string, wanted: Wanted, tools: RedmineTools): Promise<string> {
  const what = "update contact";
  // A person who is found by another key keeps the one under which the contact was made.
  const own = wanted.own.filter(({ id }, index) => index > 0 || !known.custom_fields.get(id)?.[0]);
  const changed = lostFields(known, [...own, ...wanted.others]);
  if (changed.length === 0 && known.subject === subject) return known.id;
  const custom_fields = [...own, ...wanted.others].filter(({ id }) => changed.includes(id));
  const answer = await putIssue(known.id, { subject, custom_fields }, what, tools);
  const after = answer.status === 404 ? undefined : await getIssue(known.id, tools);
  if (!after) throw issueGone(known.id, what);
  expectNothing(answer, what);
  verify(after, { own, others: wanted.others }, tools);
  return known.id;
}

/** Redmine answers 201 and 204 when it ignored a field that is not of the project, the tracker or the role. */
function verify(issue: Issue, { own, others }: Wanted, tools: RedmineTools): void {
  if (lostFields(issue, others).length > 0) {
    tools.log.warn("Redmine did not keep custom fields of a contact", { fields: lostFields(issue, others) });
  }
  const lost = lostFields(issue, own);
  if (lost.length === 0) return;
  tools.directory.forget();
  const operatorMessage =
    `save contact: Redmine did not keep the custom field ${lost.join(", ")} of issue ${issue.id}; ` +
    "run setup.rb, or let the role of the account see and change it (see setup.md)";
  throw new PluginError({ kind: "config", operatorMessage });
}
