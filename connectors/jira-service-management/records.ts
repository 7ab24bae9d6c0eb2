import { createAnswerReader, PluginError } from "deskferry/sdk";
import { z } from "zod";
import type { Settings } from "./settings.ts";

export const id = z.union([z.string().min(1), z.number()]).transform(String);
const text = z.string().nullish();

export const userRecord = z.object({
  accountId: z.string().nullish(),
  displayName: text,
  emailAddress: text,
  /** `atlassian`, `app` or, of the portal, `customer`. */
  accountType: text,
});

export const statusRecord = z.object({ name: z.string() });

export const commentRecord = z.object({
  id,
  /** Wiki markup, in webhooks and in version 2 of the API. */
  body: text,
  author: userRecord.nullish(),
  created: z.string(),
  /** Whether customers may read it. */
  jsdPublic: z.boolean().nullish(),
  /** Restricted to a role or group. */
  visibility: z.object({}).nullish(),
});

export type CommentRecord = z.output<typeof commentRecord>;

/** Custom fields are among `fields` by their ids. */
export const issueRecord = z.object({
  id,
  key: z.string().min(1),
  fields: z.looseObject({
    summary: text,
    status: statusRecord.nullish(),
    assignee: userRecord.nullish(),
    updated: text,
  }),
});

export type IssueRecord = z.output<typeof issueRecord>;

/** One change of an issue. Every object has a `toString` besides, hence the look at its own ones. */
export const changeItem = z.record(z.string(), z.unknown()).transform((item) => {
  const textOf = (name: string) => {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return { field: textOf("fieldId") ?? textOf("field"), from: textOf("fromString"), to: textOf("toString") };
});

/** The answer as a record. One that is none may still have had its effect: `ambiguous`. */
export const read = createAnswerReader("Jira");

export function configProblem(operatorMessage: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage });
}

/** Below an issue, by version 3 of the API, whose texts are documents; version 2 has wiki markup instead. */
export function issuePath(key: string, part?: string, version: 2 | 3 = 3): string {
  return `/rest/api/${version}/issue/${encodeURIComponent(key)}${part ? `/${part}` : ""}`;
}

export function issueAddress({ url }: Settings, key: string): string {
  return `${url}/browse/${key}`;
}
