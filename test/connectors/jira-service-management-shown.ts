import {
  DESK,
  FIELDS,
  type Issue,
  PROJECT,
  people,
  type StoredComment,
} from "./jira-service-management-desk.ts";

/** How Jira writes what it holds. */
type Json = Record<string, unknown>;

interface Node {
  type: string;
  text?: string;
  content?: Node[];
  marks?: { attrs: { href: string } }[];
}

/** As Jira writes it: milliseconds, and a zone without a colon. */
export function timeShown(at: number): string {
  return new Date(at).toISOString().replace("Z", "+0000");
}

export function userShown(accountId: string): Json {
  return people[accountId] ?? { accountId };
}

/** A document's lines and links. */
export function linesOf(document: unknown): { text: string; links: string[] } {
  const [body, below] = (document as Node).content ?? [];
  const text = (body?.content ?? []).map((node) => (node.type === "hardBreak" ? "\n" : node.text)).join("");
  const links = (below?.content ?? []).flatMap(({ marks }) => marks?.map(({ attrs }) => attrs.href) ?? []);
  return { text, links };
}

/** Wiki markup, in which characters that would be read as markup are escaped. */
export function wikiOf(body: unknown): string {
  if (typeof body === "string") return body;
  return linesOf(body).text.replace(/[{}[\]\\]/g, "\\$&");
}

export function commentShown(comment: StoredComment): Json {
  const { id, author, body, created, jsdPublic, visibility } = comment;
  return {
    id,
    author: userShown(author),
    body: wikiOf(body),
    created: timeShown(created),
    updated: timeShown(created),
    jsdPublic,
    ...(visibility ? { visibility } : {}),
  };
}

/** Webhooks of comments tell a `few` fields only. */
export function issueShown({ id, key, fields, updated }: Issue, extent: "few" | "all"): Json {
  const { status, assignee, summary, ...others } = fields;
  const shown = {
    summary,
    status: { name: status },
    assignee: assignee ? userShown(String(assignee)) : null,
    project: { key: PROJECT },
  };
  if (extent === "few") return { id, key, fields: shown };
  return { id, key, fields: { ...shown, ...others, updated: timeShown(updated) } };
}

/** A request as the portal's API answers it. */
export function requestShown({ id, key, fields }: Issue, address: string): Json {
  return {
    _expands: ["participant", "status"],
    issueId: id,
    issueKey: key,
    requestTypeId: "25",
    serviceDeskId: DESK,
    requestFieldValues: ["summary", FIELDS.ticket, FIELDS.person].map((fieldId) => ({
      fieldId,
      label: fieldId,
      value: fields[fieldId],
    })),
    currentStatus: { status: fields["status"], statusCategory: "NEW" },
    _links: { web: `${address}/servicedesk/customer/portal/1/${key}` },
  };
}
