import { type HelpdeskEvent, htmlToText, type PluginLog } from "deskferry/sdk";
import { z } from "zod";
import { idText, optionalText } from "./answers.ts";
import type { Settings } from "./settings.ts";

const head = {
  id: idText,
  at: z.iso.datetime({ offset: true }),
  author: z.object({ id: idText, name: optionalText, isUs: z.boolean().nullish() }),
  ticket: z.object({
    id: idText,
    externalId: optionalText,
    subject: optionalText,
    status: optionalText,
    assignee: optionalText,
    queue: optionalText,
  }),
};

/** What expressions make of changes: our events, but with the system's own words for statuses. */
const change = z.discriminatedUnion("type", [
  z.object({ ...head, type: z.literal("ticket.changed"), from: optionalText, to: idText }),
  z.object({
    ...head,
    type: z.literal("comment.added"),
    commentId: idText,
    externalId: optionalText,
    /** Whatever is not said to be public stays inside. */
    visibility: z.enum(["public", "internal"]).catch("internal"),
    body: optionalText.transform((text) => text ?? ""),
    /** `html`: the body becomes plain text. */
    format: z.enum(["text", "html"]).nullish(),
    attachments: z
      .array(z.object({ id: idText, name: optionalText.transform((name) => name ?? "file") }))
      .default([]),
  }),
]);

type Change = z.output<typeof change>;

/** The events among what an expression made. What is none is left out and told of by its place, never by its content. */
export function toEvents(made: unknown, settings: Settings, log: PluginLog): HelpdeskEvent[] {
  if (made === undefined || made === null) return [];
  return [made].flat().flatMap((item) => {
    const result = change.safeParse(item);
    if (result.success) return toEvent(result.data, settings, log);
    const field = result.error.issues[0]?.path.join(".") || "type";
    log.warn("an event is not as it must be, and was left out", { field });
    return [];
  });
}

function toEvent(given: Change, settings: Settings, log: PluginLog): HelpdeskEvent[] {
  const { id, at, author, ticket } = given;
  const status = statusOf(ticket.status, settings);
  const origin = {
    id,
    at,
    author: present({
      id: author.id,
      name: author.name,
      isUs: author.isUs === true || author.id === settings.account,
    }),
    ticket: present({ ...ticket, status, rawStatus: ticket.status }),
  };
  if (given.type === "comment.added") {
    const { type, commentId, externalId, visibility, attachments } = given;
    const body = given.format === "html" ? htmlToText(given.body) : given.body;
    return [present({ ...origin, type, commentId, externalId, visibility, body, attachments })];
  }
  const from = statusOf(given.from, settings);
  const to = statusOf(given.to, settings);
  if (!to) {
    log.warn("a status of the system is not among the statuses of the settings", { field: "to" });
    return [];
  }
  return from === to ? [] : [present({ ...origin, type: given.type, from, to })];
}

function statusOf(raw: string | undefined, { statuses }: Settings) {
  return raw !== undefined && Object.hasOwn(statuses, raw) ? statuses[raw] : undefined;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the keys that hold nothing. */
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as Present<T>;
}
