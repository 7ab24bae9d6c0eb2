import {
  ACCOUNT,
  AGENT,
  FIELDS,
  type Issue,
  PROJECT,
  people,
  searchBy,
} from "./jira-service-management-desk.ts";
import type { Site } from "./jira-service-management-portal.ts";
import type { Answer, Call, Routes } from "./jira-service-management-server.ts";
import { commentShown, issueShown, timeShown, userShown } from "./jira-service-management-shown.ts";

type Json = Record<string, unknown>;

const MOST_CHARACTERS = 32_767;
const UPLOAD_LIMIT = 1024 ** 3;
const PRIORITIES = ["Highest", "High", "Medium", "Low", "Lowest"];

/** Where a request can go from each status, as in the workflow that Jira makes for service requests. */
const WORKFLOW: Record<string, [id: string, name: string, to: string][]> = {
  "Waiting for support": [
    ["11", "Respond to customer", "Waiting for customer"],
    ["21", "Resolve this issue", "Resolved"],
    ["31", "Cancel request", "Canceled"],
  ],
  "Waiting for customer": [
    ["41", "Respond to support", "Waiting for support"],
    ["21", "Resolve this issue", "Resolved"],
    ["31", "Cancel request", "Canceled"],
  ],
  Resolved: [["51", "Back to in progress", "Waiting for support"]],
  Canceled: [],
};

/** Fields beside those of the portal's form, with their kinds. */
const field = (id: string, name: string, type: string, custom: string, items?: string) => ({
  id,
  name,
  schema: {
    type,
    custom: `com.atlassian.jira.plugin.system.customfieldtypes:${custom}`,
    ...(items ? { items } : {}),
  },
});
const CUSTOM = [
  field(FIELDS.ticket, "Deskferry ID", "string", "textfield"),
  field(FIELDS.person, "Deskferry person", "string", "textfield"),
  field("customfield_10060", "Ward", "option", "select"),
  field("customfield_10061", "Districts", "array", "multiselect", "option"),
  field("customfield_10062", "Meter", "number", "float"),
  field("customfield_10063", "Remark", "string", "textarea"),
  field("customfield_10064", "Languages", "string", "textfield"),
];
/** There, but on no screen of the project. */
const OFF_SCREEN = field("customfield_10065", "Elsewhere", "string", "textfield");
const SYSTEM = ["summary", "description", "priority", "labels", "duedate", "assignee"];

const notFound: Answer = {
  status: 404,
  body: { errorMessages: ["Issue does not exist or you do not have permission to see it."], errors: {} },
};

function refused(errors: Json): Answer {
  return { status: 400, body: { errorMessages: [], errors } };
}

/** What is wrong with a document, as Jira says it. */
function documentProblem(value: unknown): string | undefined {
  const document = value as { type?: unknown; version?: unknown; content?: unknown } | null;
  if (document?.type !== "doc" || document.version !== 1 || !Array.isArray(document.content))
    return "Operation value must be an Atlassian Document (see the Atlassian Document Format)";
  const text = JSON.stringify(document);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  if (text.includes('"text":""') || /[\u0000-\u0008]|\\u000[0-8]/.test(text)) return "INVALID_INPUT";
  if (text.length > MOST_CHARACTERS)
    return "The entered text is too long. It exceeds the allowed limit of 32,767 characters.";
  return undefined;
}

function fieldProblem(name: string, value: unknown): string | undefined {
  const custom = CUSTOM.find(({ id }) => id === name);
  if (!custom && !SYSTEM.includes(name))
    return `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
  if (value === null) return undefined;
  if (custom) return customProblem(custom.schema, value);
  if (name === "description") return documentProblem(value);
  if (name === "priority" && !PRIORITIES.includes(String((value as Json)["name"])))
    return "The priority selected is invalid.";
  if (name === "labels" && (value as string[]).some((label) => /\s/.test(label)))
    return "The label contains spaces which is invalid.";
  return name === "duedate" && !/^\d{4}-\d{2}-\d{2}$/.test(String(value))
    ? "Error parsing date string."
    : undefined;
}

function customProblem(
  { type, custom }: { type: string; custom: string },
  value: unknown,
): string | undefined {
  if (custom.endsWith(":textarea")) return documentProblem(value);
  if (type === "number") return typeof value === "number" ? undefined : "Operation value must be a number";
  if (type === "option") return (value as Json)["value"] ? undefined : "Specify a valid 'id' or 'name'";
  if (type === "array") return Array.isArray(value) ? undefined : "data was not an array";
  return typeof value === "string" ? undefined : "Operation value must be a string";
}

/** What is below /rest/api. */
export function platformRoutes(site: Site): Routes {
  const { desk, options, now, address } = site;
  const onIssue =
    (handler: (issue: Issue, call: Call) => Answer | Promise<Answer>) =>
    (call: Call, [key = ""]: string[]) => {
      const issue = desk.issueOf(key);
      return issue ? handler(issue, call) : notFound;
    };

  function search({ json }: Call): Answer {
    const wanted = searchBy(String(json["jql"]), now());
    if (!wanted) return { status: 400, body: { errorMessages: ["Error in the JQL Query."], errors: {} } };
    const names = json["fields"] as string[];
    const found = desk
      .indexed((json["reconcileIssues"] as number[] | undefined) ?? [])
      .filter(wanted)
      .sort((left, right) => left.updated - right.updated);
    const start = Number(json["nextPageToken"] ?? 0);
    const most = Math.min(100, Number(json["maxResults"] ?? 50));
    const issues = found.slice(start, start + most).map(({ issue, updated, fields }) => {
      const shown = issueShown({ ...issue, fields, updated }, "all");
      const all = shown["fields"] as Json;
      return { ...shown, fields: Object.fromEntries(names.map((name) => [name, all[name] ?? null])) };
    });
    const isLast = start + most >= found.length;
    return {
      status: 200,
      body: { issues, isLast, ...(isLast ? {} : { nextPageToken: String(start + most) }) },
    };
  }

  function history({ json }: Call): Answer {
    const wanted = json["issueIdsOrKeys"] as string[];
    const all = desk.issues
      .filter(({ id }) => wanted.includes(id))
      .flatMap((issue) => issue.changes.map((change) => ({ issueId: issue.id, change })));
    const start = Number(json["nextPageToken"] ?? 0);
    const most = options.historyPage ?? Number(json["maxResults"]);
    const issueChangeLogs = all.slice(start, start + most).map(({ issueId, change }) => ({
      issueId,
      changeHistories: [{ ...change, author: userShown(change.author) }],
    }));
    const rest = start + most < all.length ? { nextPageToken: String(start + most) } : {};
    return { status: 200, body: { issueChangeLogs, ...rest } };
  }

  async function addComment(issue: Issue, { json }: Call): Promise<Answer> {
    const problem = documentProblem(json["body"]);
    if (problem) return refused({ comment: problem });
    const properties = (json["properties"] ?? []) as { key: string; value: Json }[];
    const visibility = properties.find(({ key }) => key === "sd.public.comment")?.value;
    const jsdPublic = visibility?.["internal"] !== true;
    const made = await site.comment(issue, { author: ACCOUNT, body: json["body"], properties, jsdPublic });
    return { status: 201, body: { ...commentShown(made), body: made.body } };
  }

  function comments(issue: Issue, { query }: Call): Answer {
    const startAt = Number(query.get("startAt") ?? 0);
    const maxResults = Number(query.get("maxResults") ?? 50);
    const all = issue.comments.map(commentShown);
    if (query.get("orderBy") === "-created") all.reverse();
    const shown = all.slice(startAt, startAt + maxResults);
    return { status: 200, body: { comments: shown, startAt, maxResults, total: all.length } };
  }

  /** Of the whole site; properties only when asked for. */
  function commentsByNumber({ json, query }: Call): Answer {
    const ids = (json["ids"] as number[]).map(String);
    const withProperties = query.get("expand") === "properties";
    const values = desk.issues
      .flatMap((issue) => issue.comments)
      .filter(({ id }) => ids.includes(id))
      .map((comment) => ({
        ...commentShown(comment),
        ...(withProperties ? { properties: comment.properties } : {}),
      }));
    return { status: 200, body: { values, total: values.length, startAt: 0, maxResults: 1000 } };
  }

  function attach(issue: Issue, { headers, files }: Call): Answer {
    if (headers["x-atlassian-token"] !== "no-check")
      return { status: 403, body: { message: "XSRF check failed" } };
    if (files.length === 0 || files.some(({ field: name, bytes }) => name !== "file" || bytes.length === 0))
      return refused({ file: "The attachment is empty or missing." });
    const body = files.map(({ name: filename, mimeType, bytes }) => {
      const { id } = desk.addFile(issue, { filename, mimeType, bytes });
      const content = `${address()}/rest/api/3/attachment/content/${id}`;
      return { id, filename, mimeType, size: bytes.length, created: timeShown(now()), content };
    });
    return { status: 200, body };
  }

  function content({ query }: Call, [id = ""]: string[]): Answer {
    const file = desk.files.get(id);
    if (!file)
      return { status: 404, body: { errorMessages: ["The attachment does not exist."], errors: {} } };
    if (query.get("redirect") !== "false")
      return { status: 303, headers: { Location: `https://api.media.atlassian.com/file/${id}/binary` } };
    return { status: 200, headers: { "Content-Type": file.mimeType }, bytes: file.bytes };
  }

  function update(issue: Issue, { json }: Call): Answer {
    const fields = json["fields"] as Json;
    const problems = Object.entries(fields).flatMap(([name, value]) => {
      const problem = fieldProblem(name, value);
      return problem === undefined ? [] : [[name, problem]];
    });
    if (problems.length > 0) return refused(Object.fromEntries(problems) as Json);
    const { assignee, ...others } = fields;
    const chosen = (assignee as Json | undefined)?.["accountId"];
    desk.set(issue, { ...others, ...(chosen ? { assignee: chosen } : {}) });
    return { status: 204 };
  }

  const wayOut = (issue: Issue) => WORKFLOW[String(issue.fields["status"])] ?? [];
  async function transition(issue: Issue, { json }: Call): Promise<Answer> {
    const { id } = json["transition"] as { id: string };
    const found = wayOut(issue).find(([known]) => known === id);
    if (!found) return { status: 400, body: { errorMessages: ["The transition is not valid."], errors: {} } };
    await site.setStatus(issue, found[2], ACCOUNT);
    return { status: 204 };
  }

  function assignable({ query }: Call): Answer {
    const term = (query.get("accountId") ?? query.get("query") ?? "").toLowerCase();
    const found = [people[ACCOUNT], people[AGENT]].filter((user) =>
      [user?.["accountId"], user?.["emailAddress"], user?.["displayName"]].some((text) =>
        String(text ?? "")
          .toLowerCase()
          .startsWith(term),
      ),
    );
    return { status: 200, body: found };
  }

  function permissions({ query }: Call): Answer {
    const names = (query.get("permissions") ?? "").split(",");
    const each = names.map((key) => [key, { key, havePermission: true }]);
    return { status: 200, body: { permissions: Object.fromEntries(each) as Json } };
  }

  const below = (part: string) => new RegExp(`^/rest/api/[23]/issue/([^/]+)${part}$`);
  const at = (path: string) => new RegExp(`^/rest/api/3/${path}$`);
  return [
    ["POST", at("search/jql"), search],
    ["POST", at("changelog/bulkfetch"), history],
    ["POST", at("comment/list"), commentsByNumber],
    ["GET", below(""), onIssue((issue) => ({ status: 200, body: issueShown(issue, "all") }))],
    ["PUT", below(""), onIssue(update)],
    ["GET", below("/comment"), onIssue(comments)],
    ["POST", below("/comment"), onIssue(addComment)],
    ["POST", below("/attachments"), onIssue(attach)],
    [
      "GET",
      below("/transitions"),
      onIssue((issue) => ({
        status: 200,
        body: { transitions: wayOut(issue).map(([id, name, to]) => ({ id, name, to: { name: to } })) },
      })),
    ],
    ["POST", below("/transitions"), onIssue(transition)],
    ["GET", at("attachment/content/([^/]+)"), content],
    [
      "GET",
      at("field"),
      () => ({ status: 200, body: [...SYSTEM.map((id) => ({ id, name: id })), ...CUSTOM, OFF_SCREEN] }),
    ],
    ["GET", at("user/assignable/search"), assignable],
    [
      "GET",
      at("attachment/meta"),
      () => ({ status: 200, body: { enabled: true, uploadLimit: UPLOAD_LIMIT } }),
    ],
    ["GET", at("myself"), () => ({ status: 200, body: userShown(ACCOUNT) })],
    ["GET", at("mypermissions"), permissions],
    [
      "GET",
      at(`project/${PROJECT}/statuses`),
      () => ({
        status: 200,
        body: [
          {
            name: "Service request",
            statuses: [...Object.keys(WORKFLOW), "In review"].map((name) => ({ name })),
          },
        ],
      }),
    ],
  ];
}
