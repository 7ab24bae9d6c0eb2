import { createAnswerReader, type HttpAnswer, PluginError } from "deskferry/sdk";
import { z } from "zod";

const id = z.number().int().transform(String);
export const named = z.object({ id, name: z.string() });

/** A field that allows several values has a list; one that is hidden from the account is not there. */
const customFields = z
  .array(z.object({ id, value: z.union([z.string(), z.array(z.string())]).nullish() }))
  .nullish()
  .transform((fields) => new Map((fields ?? []).map((field) => [field.id, [field.value ?? []].flat()])));

export const issue = z.object({
  id,
  project: named,
  status: named,
  subject: z.string().nullish(),
  category: named.nullish(),
  assigned_to: named.nullish(),
  custom_fields: customFields,
  updated_on: z.string(),
});
export type Issue = z.output<typeof issue>;

const detail = z.object({
  property: z.string(),
  name: z.string(),
  old_value: z.string().nullish(),
  new_value: z.string().nullish(),
});

/** One entry in the history of an issue: a note, changes, or both. */
const journal = z.object({
  id: z.number().int(),
  user: named.nullish(),
  notes: z.string().nullish(),
  created_on: z.string(),
  private_notes: z.boolean().nullish(),
  details: z.array(detail).nullish(),
});
export type Journal = z.output<typeof journal>;

export const oneIssue = z.object({ issue });
export const issueWithHistory = z.object({ issue: issue.extend({ journals: z.array(journal).default([]) }) });
export type IssueWithHistory = z.output<typeof issueWithHistory>["issue"];
export const pageOfIssues = z.object({ issues: z.array(issue), total_count: z.number().int() });

export const account = z.object({ user: z.object({ id, login: z.string(), admin: z.boolean().nullish() }) });
export const accountWithRoles = z.object({
  user: z.object({
    login: z.string(),
    admin: z.boolean().nullish(),
    memberships: z.array(z.object({ project: named, roles: z.array(named) })).default([]),
  }),
});
export const role = z.object({ role: z.object({ permissions: z.array(z.string()).default([]) }) });
export const project = z.object({
  project: z.object({
    id,
    identifier: z.string(),
    is_public: z.boolean().nullish(),
    trackers: z.array(named).default([]),
    issue_categories: z.array(named).default([]),
    issue_custom_fields: z.array(named).default([]),
  }),
});
export const statusList = z.object({ issue_statuses: z.array(named) });
export const priorityList = z.object({ issue_priorities: z.array(named) });
export const memberships = z.object({
  memberships: z.array(z.object({ user: named.nullish(), roles: z.array(named).default([]) })),
  total_count: z.number().int(),
});
export const upload = z.object({ upload: z.object({ token: z.string().min(1) }) });

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Redmine");

/** A change is answered by 204 without content, by older versions by 200; a page of a proxy is neither. */
export function expectNothing(answer: HttpAnswer, what: string): void {
  if (answer.text.trim() === "") return;
  const operatorMessage = `${what}: the answer is not as Redmine writes it (content where there should be none)`;
  throw new PluginError({ kind: "ambiguous", operatorMessage });
}

export function configProblem(operatorMessage: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage });
}
