import { type Clock, type HttpClient, PluginError, type PluginLog } from "deskferry/sdk";
import type { Directory } from "./directory.ts";
import {
  type Issue,
  type IssueWithHistory,
  issueWithHistory,
  oneIssue,
  pageOfIssues,
  read,
} from "./records.ts";
import type { Settings } from "./settings.ts";

/** What every part of the connector works with. */
export interface RedmineTools {
  http: HttpClient;
  settings: Settings;
  directory: Directory;
  log: PluginLog;
  clock: Clock;
  /** Once for each text: what Redmine has no place for concerns every ticket alike. */
  warnOnce(text: string): void;
}

export interface FieldValue {
  id: string;
  value: string;
}

export function issueAddress(settings: Settings, id: string): string {
  return `${settings.url}/issues/${id}`;
}

const pathOf = (id: string) => `/issues/${encodeURIComponent(id)}.json`;

/** Undefined when there is none. */
export async function getIssue(id: string, { http }: RedmineTools): Promise<Issue | undefined> {
  const what = "read issue";
  const answer = await http.request({ method: "GET", path: pathOf(id), what, accept: [404] });
  return answer.status === 404 ? undefined : read(answer, oneIssue, what).issue;
}

/** With its journals, oldest first, whatever the account prefers. */
export async function getHistory(id: string, { http }: RedmineTools): Promise<IssueWithHistory | undefined> {
  const what = "read history";
  const query = { include: "journals" };
  const answer = await http.request({ method: "GET", path: pathOf(id), query, what, accept: [404] });
  if (answer.status === 404) return undefined;
  const { issue } = read(answer, issueWithHistory, what);
  return { ...issue, journals: issue.journals.sort((a, b) => a.id - b.id) };
}

/** Answers the status, 404 among them; 204 also where Redmine ignored all or part of it. */
export function putIssue(
  id: string,
  issue: Record<string, unknown>,
  what: string,
  { http }: Pick<RedmineTools, "http">,
) {
  return http.request({ method: "PUT", path: pathOf(id), json: { issue }, what, accept: [404] });
}

/**
 * Issues with exactly this value, oldest first. Redmine ignores a filter that it does not know and then returns all
 * issues, and databases compare without regard to case, hence the comparison here.
 */
export async function findByField(
  field: string,
  value: string,
  what: string,
  { http }: RedmineTools,
): Promise<Issue[]> {
  const filter = `cf_${field}`;
  const answer = await http.request({
    method: "GET",
    path: "/issues.json",
    // With a filter in the long form no other applies, so that closed issues are found too; a short one would take a
    // value apart at `|`.
    query: {
      "f[]": filter,
      [`op[${filter}]`]: "=",
      [`v[${filter}][]`]: value,
      sort: "id",
      limit: 100,
    },
    what,
  });
  const { issues } = read(answer, pageOfIssues, what);
  return issues.filter((issue) => issue.custom_fields.get(field)?.includes(value));
}

export function issueGone(id: string, what: string): PluginError {
  return new PluginError({ kind: "not_found", operatorMessage: `${what}: there is no issue ${id}` });
}

/** Names of fields that the issue does not have as they were written. */
export function lostFields(issue: Issue, written: FieldValue[]): string[] {
  return written
    .filter(({ id, value }) => (issue.custom_fields.get(id) ?? []).join(", ") !== value)
    .map(({ id }) => id);
}
