import type { TicketStatus } from "deskferry/sdk";
import { type ConnectorHarness, connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import salesforce from "../../connectors/salesforce/index.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";
import { CLIENT_ID, CLIENT_SECRET, type Salesforce, startSalesforce } from "./salesforce-server.ts";
import type { Row } from "./salesforce-soql.ts";

const statuses: Record<string, TicketStatus> = {
  New: "new",
  Working: "open",
  "Waiting on Customer": "pending",
  Solved: "solved",
  Closed: "closed",
};
const valueFor = (status: TicketStatus) =>
  Object.keys(statuses).find((value) => statuses[value] === status) ?? "New";

const fields = { tags: "Tags__c", skills: "Skills__c", firstAnswer: "Answer_Until__c" };

/** Comments of one transaction are the parts of one text, as staff read them, and its links the files with it. */
function commentsOf({ org }: Salesforce, caseId: string) {
  const rows = org.table("CaseComment").filter((row) => row["ParentId"] === caseId);
  const sets = [...new Set(rows.map((row) => row["transaction"]))];
  return sets.map((set) => {
    const parts = rows.filter((row) => row["transaction"] === set);
    const links = org.table("ContentDocumentLink").filter((row) => row["transaction"] === set);
    const isSeveral = parts.length > 1;
    return {
      body: parts
        .map((row) => String(row["CommentBody"]))
        .map((text) => (isSeveral ? text.replace(/^\(\d+\/\d+\) /, "") : text))
        .join(""),
      visibility: parts[0]?.["IsPublished"] === true ? ("public" as const) : ("internal" as const),
      attachments: links.map((link) => fileOf(org.table("ContentVersion"), link)),
    };
  });
}

function fileOf(versions: Row[], link: Row) {
  const version = versions.find((row) => row["ContentDocumentId"] === link["ContentDocumentId"]);
  const ending = /\.\w{1,10}$/.exec(String(version?.["PathOnClient"]))?.[0] ?? "";
  return { name: `${version?.["Title"]}${ending}`, bytes: version?.["bytes"] as Buffer };
}

function harnessOf(server: Salesforce): ConnectorHarness {
  const { org } = server;
  return {
    serverUrl: server.url,
    settings: (url) => ({ url, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, statuses, fields }),
    contactsOf: async ({ externalId }) =>
      org
        .table("Contact")
        .filter((row) => row["Deskferry_Id__c"] === externalId)
        .map((row) => ({
          id: String(row["Id"]),
          name: [row["FirstName"], row["LastName"]].filter(Boolean).join(" "),
        })),
    ticketsOf: async (externalId) =>
      org
        .table("Case")
        .filter((row) => row["Deskferry_Id__c"] === externalId)
        .map((row) => {
          const status = statuses[String(row["Status"])];
          return { id: String(row["Id"]), subject: String(row["Subject"]), ...(status ? { status } : {}) };
        }),
    commentsOf: async (ticketId) => commentsOf(server, ticketId),
    staff: {
      reply: async (id, text) => void server.comment(id, text),
      replyWithFiles: async (id, text, files) => {
        const ids = files.map(({ name, bytes }) => server.addFile(id, name, bytes));
        server.comment(id, [text, ...files.map(({ name }) => `(file: ${name})`)].join("\n"));
        return ids;
      },
      note: async (id, text) => void server.comment(id, text, { isPublished: false }),
      setStatus: async (id, status) => server.setStatus(id, valueFor(status)),
    },
    stop: () => server.stop(),
  };
}

const start = async () =>
  harnessOf(
    await startSalesforce({
      statuses: Object.keys(statuses),
      caseFields: Object.values(fields),
      rowsAPage: 7,
      dailyRequests: 1_000_000,
    }),
  );

describe("by Salesforce's documentation, without a description of its API to check against", () => {
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: salesforce,
      exampleSettings: {
        url: "https://acme.my.salesforce.com",
        clientId: "an-example",
        clientSecret: "an-example-of-a-secret",
        fields,
      },
      start,
    },
  );
  resetAfterCommit({ definition: salesforce, start, conversations: 500 });
});
