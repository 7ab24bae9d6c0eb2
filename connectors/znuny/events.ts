import type { HelpdeskEvent, TicketSnapshot } from "deskferry/sdk";
import { z } from "zod";
import type { Settings } from "./settings.ts";

/** A change as the add-on tells it, by webhook and by polling alike (package/Kernel/System/Deskferry.pm, _Change). */
export const change = z.object({
  /** Number in Znuny's history of all tickets. */
  ID: z.string().regex(/^\d+$/),
  /** Unix seconds. */
  At: z.coerce.number().int(),
  Author: z.object({ Login: z.string(), Name: z.string() }),
  Ticket: z.object({
    TicketID: z.string(),
    ExternalID: z.string(),
    State: z.string(),
    Title: z.string(),
    Queue: z.string(),
    Owner: z.string(),
  }),
  /** Of an article. */
  Article: z
    .object({
      ArticleID: z.string(),
      ExternalID: z.string(),
      SenderType: z.string(),
      Channel: z.string(),
      IsVisibleForCustomer: z.coerce.number(),
      Body: z.string(),
      Files: z.array(z.object({ FileID: z.string(), Name: z.string() })),
    })
    .optional(),
  /** Of a change of state. */
  From: z.string().nullish(),
  To: z.string().nullish(),
});

export type Change = z.output<typeof change>;

/** Undefined for what nobody outside needs to know. */
export function toEvent(change: Change, settings: Settings): HelpdeskEvent | undefined {
  return change.Article ? commentEvent(change, change.Article, settings) : statusEvent(change, settings);
}

function commentEvent(
  change: Change,
  article: NonNullable<Change["Article"]>,
  settings: Settings,
): HelpdeskEvent {
  const isUs = isOurs(change, settings);
  // A customer's mail is visible for customers too, and a telephone call is over: only what staff wrote goes out.
  const isPublic =
    article.IsVisibleForCustomer === 1 &&
    (isUs || (article.SenderType === "agent" && article.Channel !== "Phone"));
  return {
    type: "comment.added",
    id: `article/${article.ArticleID}`,
    ...origin(change, settings, change.Ticket.State),
    commentId: article.ArticleID,
    ...(article.ExternalID ? { externalId: article.ExternalID } : {}),
    visibility: isPublic ? "public" : "internal",
    body: article.Body.replace(/\r\n?/g, "\n").trim(),
    attachments: article.Files.map(({ FileID, Name }) => ({
      id: `${article.ArticleID}-${FileID}`,
      name: Name,
    })),
  };
}

function statusEvent(change: Change, settings: Settings): HelpdeskEvent | undefined {
  const from = change.From ? settings.statuses[change.From] : undefined;
  const to = change.To ? settings.statuses[change.To] : undefined;
  if (!to || !change.To || from === to) return undefined;
  return {
    type: "ticket.changed",
    id: `state/${change.ID}`,
    ...origin(change, settings, change.To),
    ...(from ? { from } : {}),
    to,
  };
}

function origin(change: Change, settings: Settings, state: string) {
  const { Login, Name } = change.Author;
  return {
    at: new Date(change.At * 1000).toISOString(),
    author: { id: Login, ...(Name ? { name: Name } : {}), isUs: isOurs(change, settings) },
    ticket: snapshot(change, settings, state),
  };
}

function isOurs({ Author }: Change, { username }: Settings): boolean {
  return Author.Login.toLowerCase() === username.toLowerCase();
}

function snapshot({ Ticket }: Change, settings: Settings, rawStatus: string): TicketSnapshot {
  const status = settings.statuses[rawStatus];
  // Who makes a ticket owns it, until somebody takes it.
  const isTaken = Ticket.Owner !== "" && Ticket.Owner.toLowerCase() !== settings.username.toLowerCase();
  return {
    id: Ticket.TicketID,
    externalId: Ticket.ExternalID,
    rawStatus,
    ...(status ? { status } : {}),
    ...(Ticket.Title ? { subject: Ticket.Title } : {}),
    ...(Ticket.Queue ? { queue: Ticket.Queue } : {}),
    ...(isTaken ? { assignee: Ticket.Owner } : {}),
  };
}
