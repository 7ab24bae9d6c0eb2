import type { PluginError } from "deskferry/sdk";
import type { RedmineTools } from "./issues.ts";
import { accountWithRoles, configProblem, pageOfIssues, read, role } from "./records.ts";
import type { FieldName } from "./settings.ts";

const what = "check connection";
const NEEDED = [
  "view_issues",
  "add_issues",
  "edit_issues",
  "add_issue_notes",
  "view_private_notes",
  "set_notes_private",
];

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: RedmineTools): Promise<string[]> {
  const { settings, directory } = tools;
  directory.forget();
  const account = await readAccount(tools);
  const identifier = settings.project.split("/")[0] ?? "";
  const tickets = await directory.project(identifier);
  const contacts = await directory.project(settings.contactProject);
  await checkTrackers(tools);
  await checkNames(tools);
  for (const name of Object.keys(settings.fields) as FieldName[]) {
    if (settings.fields[name] !== undefined) await directory.field(name);
  }
  if (!account.admin) {
    for (const { id } of [tickets, contacts]) await checkPermissions(id, account.memberships, tools);
  }
  for (const name of ["ticket", "person", "phone", "userId"] as const) await checkFilter(name, tools);
  const open = [tickets, contacts].filter(({ isPublic }) => isPublic).map((project) => project.identifier);
  return [
    `Redmine answers at ${settings.url}`,
    `account ${account.login} may write issues, notes and private notes in ${identifier} and ${settings.contactProject}`,
    "custom fields are in place and can be searched by",
    ...(open.length > 0 ? [`WARNING: everybody may read the project ${open.join(", ")}: it is public`] : []),
    "changes are found by polling",
  ];
}

async function readAccount({ http }: RedmineTools) {
  const query = { include: "memberships" };
  const answer = await http.request({ method: "GET", path: "/users/current.json", query, what });
  return read(answer, accountWithRoles, what).user;
}

async function checkTrackers({ settings, directory }: RedmineTools): Promise<void> {
  const [identifier = "", ...category] = settings.project.split("/");
  for (const [name, tracker] of [
    [identifier, settings.tracker],
    [settings.contactProject, settings.contactTracker],
  ] as const) {
    if (!(await directory.project(name)).trackers.has(tracker)) {
      throw problem(`the project ${name} has no tracker "${tracker}"`);
    }
  }
  const name = category.join("/");
  if (name !== "" && !(await directory.project(identifier)).categories.has(name)) {
    throw problem(`the project ${identifier} has no category "${name}"`);
  }
}

async function checkNames({ settings, directory }: RedmineTools): Promise<void> {
  const statuses = await directory.statuses();
  const unknown = Object.keys(settings.statuses).filter((name) => !statuses.has(name));
  if (unknown.length > 0) throw problem(`Redmine has no status ${unknown.join(", ")} (setting statuses)`);
  const priorities = await directory.priorities();
  const missing = Object.values(settings.priorities).filter((name) => !priorities.has(name));
  if (missing.length > 0) throw problem(`Redmine has no priority ${missing.join(", ")} (setting priorities)`);
}

type Memberships = Awaited<ReturnType<typeof readAccount>>["memberships"];

async function checkPermissions(
  projectId: string,
  memberships: Memberships,
  { http }: RedmineTools,
): Promise<void> {
  const membership = memberships.find(({ project }) => project.id === projectId);
  if (!membership) throw problem("the account is not a member of both projects");
  const granted = new Set<string>();
  for (const { id } of membership.roles) {
    const answer = await http.request({ method: "GET", path: `/roles/${encodeURIComponent(id)}.json`, what });
    for (const permission of read(answer, role, what).role.permissions) granted.add(permission);
  }
  const missing = NEEDED.filter((permission) => !granted.has(permission));
  if (missing.length === 0) return;
  throw problem(
    `the account lacks the permission ${missing.join(", ")} in the project ${membership.project.name}`,
  );
}

/** Nobody has this value: what is found all the same shows that the field is no filter, or hidden from the account. */
async function checkFilter(
  name: "ticket" | "person" | "phone" | "userId",
  { http, settings, directory }: RedmineTools,
): Promise<void> {
  const value = "deskferry-nobody-has-this-value";
  const query = { status_id: "*", limit: 1, [`cf_${await directory.field(name)}`]: value };
  const answer = await http.request({ method: "GET", path: "/issues.json", query, what });
  if (read(answer, pageOfIssues, what).total_count === 0) return;
  throw problem(
    `Redmine does not search by the custom field ${settings.fields[name]}; tick "Used as a filter", and let the role of the account see it`,
  );
}

function problem(reason: string): PluginError {
  return configProblem(`${what}: ${reason}`);
}
