/** What a Jira Cloud site with one service project holds, as far as the connector touches it. No HTTP here. */
export const ACCOUNT = "712020:0f1e2d3c-deskferry";
export const AGENT = "712020:a9b8c7d6-agent";
export const CUSTOMER = "qm:5ad6d3581db05e2a66fa80b";
export const PROJECT = "WA";
export const DESK = "10";
export const REQUEST_TYPE = "25";
export const ORGANIZATION = "7";
export const FIELDS = { ticket: "customfield_10050", person: "customfield_10051" };

type Json = Record<string, unknown>;

export interface StoredFile {
  id: string;
  filename: string;
  mimeType: string;
  bytes: Buffer;
}

/** `body` is a document where we wrote it, wiki markup where staff did. */
export interface StoredComment {
  id: string;
  author: string;
  body: unknown;
  created: number;
  jsdPublic: boolean;
  properties: { key: string; value: unknown }[];
  visibility?: Json;
  files: StoredFile[];
}

export interface StoredChange {
  id: string;
  author: string;
  created: number;
  items: { field: string; fieldId: string; fromString: string; toString: string }[];
}

export interface Issue {
  id: string;
  key: string;
  fields: Json;
  comments: StoredComment[];
  changes: StoredChange[];
  files: StoredFile[];
  updated: number;
  /** States in the order in which they came to be; the search sees an older one for a while. */
  states: { updated: number; fields: Json }[];
}

export type Desk = ReturnType<typeof createDesk>;

export const people: Record<string, Json> = {
  [ACCOUNT]: { accountId: ACCOUNT, displayName: "Deskferry", accountType: "atlassian", active: true },
  [AGENT]: {
    accountId: AGENT,
    displayName: "Ann Agent",
    emailAddress: "ann@example.org",
    accountType: "atlassian",
    active: true,
  },
  [CUSTOMER]: { accountId: CUSTOMER, displayName: "Cleo", accountType: "customer", active: true },
};

export function createDesk({ now, indexLagMs }: { now: () => number; indexLagMs: number }) {
  const issues: Issue[] = [];
  const properties = new Map<string, { externalId?: string; name?: string; line?: string }>();
  const files = new Map<string, StoredFile>();
  let serial = 10_000;

  const nextId = () => String(serial++);
  /** What is deleted stays in the index for a while. */
  const deleted = new Set<Issue>();
  const issueOf = (keyOrId: string) =>
    issues.find((issue) => !deleted.has(issue) && [issue.id, issue.key].includes(keyOrId));

  function touch(issue: Issue): void {
    issue.updated = now();
    issue.states.push({ updated: issue.updated, fields: { ...issue.fields } });
  }

  return {
    issues,
    properties,
    files,
    deleted,
    issueOf,
    addIssue(fields: Json): Issue {
      const issue: Issue = {
        id: nextId(),
        key: `${PROJECT}-${issues.length + 1}`,
        fields: { status: "Waiting for support", ...fields },
        comments: [],
        changes: [],
        files: [],
        updated: 0,
        states: [],
      };
      issues.push(issue);
      touch(issue);
      return issue;
    },
    addFile(issue: Issue, { filename, mimeType, bytes }: Omit<StoredFile, "id">): StoredFile {
      const file = { id: nextId(), filename, mimeType, bytes };
      files.set(file.id, file);
      issue.files.push(file);
      touch(issue);
      return file;
    },
    addComment(issue: Issue, given: Partial<StoredComment>): StoredComment {
      const comment: StoredComment = {
        id: nextId(),
        author: AGENT,
        body: "",
        created: now(),
        jsdPublic: true,
        properties: [],
        files: [],
        ...given,
      };
      issue.comments.push(comment);
      touch(issue);
      return comment;
    },
    set(issue: Issue, fields: Json): void {
      Object.assign(issue.fields, fields);
      touch(issue);
    },
    setStatus(issue: Issue, status: string, author: string): StoredChange {
      const fromString = String(issue.fields["status"]);
      issue.fields["status"] = status;
      const items = [{ field: "status", fieldId: "status", fromString, toString: status }];
      const change = { id: nextId(), author, created: now(), items };
      issue.changes.push(change);
      touch(issue);
      return change;
    },
    /** What the index holds of each issue; of those to be reconciled, what is true. */
    indexed(reconciled: readonly number[]): { issue: Issue; updated: number; fields: Json }[] {
      return issues.flatMap((issue) => {
        const isFresh = reconciled.includes(Number(issue.id));
        const state = issue.states.findLast(({ updated }) => isFresh || updated + indexLagMs <= now());
        return state ? [{ issue, ...state }] : [];
      });
    },
  };
}

/** JQL, as much of it as is asked here; `undefined` for what cannot be read. */
export function searchBy(
  jql: string,
  now: number,
): ((state: { updated: number; fields: Json }) => boolean) | undefined {
  const [, where = "", order] = /^(.*?)( ORDER BY updated ASC)?$/.exec(jql) ?? [];
  const tests = where.split(" AND ").map((clause) => clauseTest(clause, now));
  if (tests.some((test) => test === undefined) || (order === undefined && jql.includes("ORDER")))
    return undefined;
  return (state) => tests.every((test) => test?.(state));
}

function clauseTest(clause: string, now: number) {
  const [, field, operator, value = ""] =
    /^(?:cf\[(\d+)\]|updated) (~|IS NOT EMPTY|>=) ?(.*)$/.exec(clause) ?? [];
  if (operator === "IS NOT EMPTY")
    return ({ fields }: { fields: Json }) => Boolean(fields[`customfield_${field}`]);
  if (operator === "~") {
    const phrase = wordsOf(value.replace(/\\(.)/g, "$1"));
    return ({ fields }: { fields: Json }) =>
      ` ${wordsOf(String(fields[`customfield_${field}`] ?? ""))} `.includes(` ${phrase} `);
  }
  const minutes = /^-(\d+)m$/.exec(value)?.[1];
  if (operator !== ">=" || minutes === undefined) return undefined;
  return ({ updated }: { updated: number }) => updated >= now - Number(minutes) * 60_000;
}

/** Texts are indexed by their words, without regard to case. */
function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ");
}
