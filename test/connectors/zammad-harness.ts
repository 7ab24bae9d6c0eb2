import { type TicketStatus, textToHtml } from "deskferry/sdk";
import type { ConnectorHarness } from "deskferry/sdk/testing";
import { type Article, ATTRIBUTE, type Zammad } from "./zammad-server.ts";

const stateOf: Record<TicketStatus, string> = {
  new: "new",
  open: "open",
  pending: "pending reminder",
  solved: "pending close",
  closed: "closed",
};
const statusOf = Object.fromEntries(
  Object.entries(stateOf).map(([status, state]) => [state, status as TicketStatus]),
);

type User = Zammad["users"][number];

interface Ways {
  settings: ConnectorHarness["settings"];
  /** Our id of a person, as the connector under test keeps it. */
  keyOf(user: User): unknown;
  /** How that connector names a file. */
  fileId(article: Article, file: number): string;
}

/** A Zammad on loopback, looked into past any connector. Agents write HTML, as Zammad's pages do. */
export function zammadHarness(server: Zammad, { settings, keyOf, fileId }: Ways): ConnectorHarness {
  const html = (text: string) => `<div>${textToHtml(text)}</div>`;
  return {
    serverUrl: server.url,
    settings,
    contactsOf: async ({ externalId }) =>
      server.users
        .filter((user) => keyOf(user) === externalId)
        .map(({ id, firstname, lastname }) => ({ id: String(id), name: `${firstname} ${lastname}`.trim() })),
    ticketsOf: async (externalId) =>
      server.tickets
        .filter((ticket) => ticket[ATTRIBUTE] === externalId)
        .map(({ id, title, state }) => {
          const status = statusOf[state];
          return { id: String(id), subject: title, ...(status ? { status } : {}) };
        }),
    commentsOf: async (ticketId) =>
      server.ticket(ticketId).articles.map(({ body, internal, files }) => ({
        body,
        visibility: internal ? "internal" : "public",
        attachments: files.map(({ filename, bytes }) => ({ name: filename, bytes })),
      })),
    missingFileId: "999999999/1",
    staff: {
      reply: async (ticketId, text) => void server.write(ticketId, { body: html(text) }),
      replyWithFiles: async (ticketId, text, given) => {
        const files = given.map(({ name, mimeType, bytes }) => ({ filename: name, mimeType, bytes }));
        const article = server.write(ticketId, { body: html(text) }, files);
        return article.files.map(({ id }) => fileId(article, id));
      },
      note: async (ticketId, text) => void server.write(ticketId, { body: html(text), internal: true }),
      setStatus: async (ticketId, status) => server.setState(ticketId, stateOf[status]),
    },
    sendWebhooksTo: async (url) => server.sendWebhooksTo(url),
    stop: () => server.stop(),
  };
}
