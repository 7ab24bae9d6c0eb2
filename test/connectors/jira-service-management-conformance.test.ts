import type { TicketStatus } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance, type SeenComment } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import connector from "../../connectors/jira-service-management/index.ts";
import {
  ACCOUNT,
  DESK,
  FIELDS,
  type Issue,
  ORGANIZATION,
  REQUEST_TYPE,
  type StoredComment,
} from "./jira-service-management-desk.ts";
import { EMAIL, type Jira, SECRET, startJira, TOKEN } from "./jira-service-management-server.ts";
import { linesOf, wikiOf } from "./jira-service-management-shown.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const statuses: Record<string, TicketStatus> = {
  "Waiting for support": "open",
  "Waiting for customer": "pending",
  Resolved: "solved",
  Canceled: "closed",
};
const rawOf = (status: TicketStatus) =>
  Object.entries(statuses).find(([, word]) => word === status)?.[0] ?? "";

const settings = {
  email: EMAIL,
  token: TOKEN,
  accountId: ACCOUNT,
  serviceDesk: DESK,
  requestType: REQUEST_TYPE,
  organization: ORGANIZATION,
  fields: FIELDS,
  webhookSecret: SECRET,
};

function partOf({ properties }: StoredComment): number {
  const value = properties.find(({ key }) => key === "deskferry")?.value as { part: number } | undefined;
  return value?.part ?? 1;
}

/** A long text stands in several comments, one below the other. */
function commentsOf(jira: Jira, { comments }: Issue): SeenComment[] {
  const seen: SeenComment[] = [];
  for (const comment of comments) {
    const isOurs = comment.author === ACCOUNT;
    const { text, links } = isOurs ? linesOf(comment.body) : { text: wikiOf(comment.body), links: [] };
    const attachments = links.map((href) => {
      const file = jira.desk.files.get(href.split("/").at(-1) ?? "");
      return { name: file?.filename ?? "", bytes: file?.bytes ?? Buffer.alloc(0) };
    });
    const last = seen.at(-1);
    if (last && partOf(comment) > 1) {
      last.body += text;
      last.attachments.push(...attachments);
    } else seen.push({ body: text, visibility: comment.jsdPublic ? "public" : "internal", attachments });
  }
  return seen;
}

function harnessOf(jira: Jira): ConnectorHarness {
  return {
    serverUrl: jira.url,
    settings: (url) => ({ url, ...settings }),
    contactsOf: async ({ externalId }) =>
      [...jira.desk.properties]
        .filter(([, person]) => person.externalId === externalId)
        .map(([id, { name = "" }]) => ({ id, name })),
    ticketsOf: async (externalId) =>
      jira.desk.issues
        .filter(({ fields }) => fields[FIELDS.ticket] === externalId)
        .map(({ key, fields }) => ({
          id: key,
          subject: String(fields["summary"]),
          status: statuses[String(fields["status"])] ?? "new",
        })),
    commentsOf: async (key) => commentsOf(jira, jira.issue(key)),
    staff: {
      reply: async (key, body) => void (await jira.act.comment(key, { body })),
      replyWithFiles: async (key, body, given) => {
        const issue = jira.issue(key);
        const files = given.map(({ name: filename, mimeType, bytes }) =>
          jira.desk.addFile(issue, { filename, mimeType, bytes }),
        );
        const marks = files.map(({ filename }) => `[^${filename}]`).join("\n");
        const { id } = await jira.act.comment(key, { body: `${body}\n\n${marks}`, files });
        return files.map(({ filename }) => `${id}/${filename}`);
      },
      note: async (key, body) => void (await jira.act.comment(key, { body, jsdPublic: false })),
      setStatus: (key, status) => jira.act.setStatus(key, rawOf(status)),
    },
    sendWebhooksTo: async (url) => jira.sendWebhooksTo(url),
    stop: () => jira.stop(),
  };
}

describe("by Atlassian's documentation", () => {
  let jira: Jira | undefined;
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: connector,
      exampleSettings: { url: "https://acme.atlassian.net", ...settings },
      start: async () => {
        jira = await startJira();
        return harnessOf(jira);
      },
    },
  );
  resetAfterCommit({
    definition: connector,
    start: async () => harnessOf(await startJira()),
    conversations: 500,
  });
  it("got no request, and gave no answer, below /rest/servicedeskapi that Atlassian's own description does not allow", () => {
    expect([...new Set(jira?.problems ?? ["no server was started"])]).toEqual([]);
  });
  it("was asked these things of Jira's platform too, unchecked: no description of it is here", () => {
    expect([...(jira?.unchecked ?? [])].sort()).toEqual([
      "GET /rest/api/2/issue/…/comment",
      "GET /rest/api/3/attachment/content/…",
      "GET /rest/api/3/attachment/meta",
      "GET /rest/api/3/issue/…",
      "GET /rest/api/3/issue/…/transitions",
      "GET /rest/api/3/mypermissions",
      "GET /rest/api/3/myself",
      "GET /rest/api/3/project/…/statuses",
      "POST /rest/api/3/changelog/bulkfetch",
      "POST /rest/api/3/comment/list",
      "POST /rest/api/3/issue/…/attachments",
      "POST /rest/api/3/issue/…/comment",
      "POST /rest/api/3/issue/…/transitions",
      "POST /rest/api/3/search/jql",
      "PUT /rest/api/3/issue/…",
    ]);
  });
});
