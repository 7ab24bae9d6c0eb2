import { createHash } from "node:crypto";
import type { Answer } from "../faults.ts";
import { asList, asObject, asText, compact, type Json } from "../read.ts";
import {
  type Actor,
  type DeskAttachment,
  type DeskComment,
  type DeskContact,
  type DeskStatus,
  type DeskTicket,
  deskPriorities,
  deskStatuses,
} from "./records.ts";
import { type DeskWorld, nowOf, recordChange, type StoredFile } from "./world.ts";

const MAX_TEXT = 65_536;
export const maxAttachmentBytes = 25 * 1024 * 1024;

const invalid = (field: string, reason: string): Answer => ({
  status: 422,
  body: { error: "invalid", field, reason },
});
const missing = (what: string): Answer => ({ status: 404, body: { error: "not_found", what } });

/** Contacts are keyed by external id in every mode: saving twice leaves one. */
export async function saveContact(world: DeskWorld, actor: Actor, given: Json): Promise<Answer> {
  const externalId = asText(given["external_id"]);
  const name = asText(given["name"]);
  if (!externalId) return invalid("external_id", "required");
  if (!name) return invalid("name", "required");
  const known = [...world.contacts.values()].find((contact) => contact.external_id === externalId);
  const contact: DeskContact = {
    ...(known ?? { id: world.nextId(), created_at: nowOf(world) }),
    external_id: externalId,
    name,
    custom: { ...known?.custom, ...asObject(given["custom"]) },
    ...compact({
      phone: asText(given["phone"]) ?? known?.phone,
      user_id: asText(given["user_id"]) ?? known?.user_id,
      email: asText(given["email"]) ?? known?.email,
      language: asText(given["language"]) ?? known?.language,
      organisation: asText(given["organisation"]) ?? known?.organisation,
    }),
  };
  world.contacts.set(contact.id, contact);
  await recordChange(world, { type: "contact.saved", actor, contact });
  return { status: known ? 200 : 201, body: contact };
}

export async function createTicket(world: DeskWorld, actor: Actor, given: Json): Promise<Answer> {
  const subject = asText(given["subject"]);
  const contactId = asText(given["contact_id"]);
  const priority = asText(given["priority"]) ?? "normal";
  const externalId = asText(given["external_id"]);
  if (!subject) return invalid("subject", "required");
  if (!contactId || !world.contacts.has(contactId)) return invalid("contact_id", "no such contact");
  if (!(deskPriorities as readonly string[]).includes(priority)) {
    return invalid("priority", `use one of ${deskPriorities.join(", ")}`);
  }
  const taken = takenBy(world, world.tickets.values(), externalId);
  if (taken) return taken;
  const id = world.nextId();
  const now = nowOf(world);
  const ticket: DeskTicket = {
    id,
    contact_id: contactId,
    subject,
    priority,
    queue: asText(given["queue"]) ?? "Front desk",
    tags: asList(given["tags"]).map(String),
    skills: asList(given["skills"]).map(String),
    due: dueOf(asObject(given["due"])),
    custom: asObject(given["custom"]),
    status: "new",
    created_at: now,
    updated_at: now,
    ...compact({
      external_id: externalId,
      description: asText(given["description"]),
      assignee: asText(given["assignee"]),
      url: world.options.ticketUrl ? `${world.options.ticketUrl}${id}` : undefined,
    }),
  };
  world.tickets.set(id, ticket);
  world.comments.set(id, []);
  world.visibleAt.set(id, world.clock.now() + world.behaviour.lagMs);
  await recordChange(world, { type: "ticket.created", actor, ticket });
  return { status: 201, body: ticket };
}

function dueOf(given: Json): DeskTicket["due"] {
  return compact({ first_answer: asText(given["first_answer"]), solution: asText(given["solution"]) });
}

/** In `unique` mode the refusal of an external id that is taken; it names the record that has it. */
function takenBy(
  world: DeskWorld,
  records: Iterable<{ id: string; external_id?: string }>,
  externalId: string | undefined,
): Answer | undefined {
  if (world.behaviour.externalIds !== "unique" || !externalId) return undefined;
  const holder = [...records].find((record) => record.external_id === externalId);
  return holder && { status: 409, body: { error: "external_id_taken", id: holder.id } };
}

export async function updateTicket(world: DeskWorld, actor: Actor, id: string, given: Json): Promise<Answer> {
  const ticket = world.tickets.get(id);
  if (!ticket) return missing("ticket");
  const status = asText(given["status"]);
  if (status !== undefined && !isDeskStatus(status)) {
    return invalid("status", `use one of ${deskStatuses.join(", ")}`);
  }
  const wanted = compact({ status, assignee: asText(given["assignee"]), queue: asText(given["queue"]) });
  const changes: Record<string, { from?: unknown; to: unknown }> = {};
  for (const [field, to] of Object.entries(wanted)) {
    const from = ticket[field as keyof DeskTicket];
    if (from !== to) changes[field] = { to, ...compact({ from }) };
  }
  if (Object.keys(changes).length === 0) return { status: 200, body: ticket };
  Object.assign(ticket, wanted, { updated_at: nowOf(world) });
  await recordChange(world, { type: "ticket.updated", actor, ticket, changes });
  return { status: 200, body: ticket };
}

function isDeskStatus(value: string): value is DeskStatus {
  return (deskStatuses as readonly string[]).includes(value);
}

export interface NewDeskComment {
  actor: Actor;
  given: Json;
  files: StoredFile[];
}

export async function addComment(world: DeskWorld, ticketId: string, fresh: NewDeskComment): Promise<Answer> {
  const { actor, given, files } = fresh;
  const ticket = world.tickets.get(ticketId);
  const list = world.comments.get(ticketId);
  if (!ticket || !list) return missing("ticket");
  const body = asText(given["body"]);
  const visibility = given["visibility"] ?? "public";
  if (!body || body.length > MAX_TEXT) return invalid("body", `1 to ${MAX_TEXT} characters`);
  if (visibility !== "public" && visibility !== "internal")
    return invalid("visibility", "use public or internal");
  if (files.some((file) => file.bytes.length > maxAttachmentBytes)) {
    return { status: 413, body: { error: "too_large", limit: maxAttachmentBytes } };
  }
  const externalId = asText(given["external_id"]);
  const taken = takenBy(world, list, externalId);
  if (taken) return taken;
  const comment: DeskComment = {
    id: world.nextId(),
    ticket_id: ticketId,
    author: actor,
    visibility,
    body,
    attachments: files.map((file) => storeFile(world, file)),
    created_at: nowOf(world),
    ...compact({ external_id: externalId, contact_id: asText(given["contact_id"]) }),
  };
  list.push(comment);
  world.visibleAt.set(comment.id, world.clock.now() + world.behaviour.lagMs);
  ticket.updated_at = comment.created_at;
  await recordChange(world, { type: "comment.added", actor, ticket, comment });
  return { status: 201, body: comment };
}

function storeFile(world: DeskWorld, file: StoredFile): DeskAttachment {
  const id = world.nextId();
  world.files.set(id, file);
  const sha256 = createHash("sha256").update(file.bytes).digest("hex");
  return { id, name: file.name, mime_type: file.mimeType, size: file.bytes.length, sha256 };
}

/** Staff change their mind: an internal note made public, or the other way round. */
export async function updateComment(
  world: DeskWorld,
  actor: Actor,
  id: string,
  given: Json,
): Promise<Answer> {
  const comment = [...world.comments.values()].flat().find((each) => each.id === id);
  const ticket = comment && world.tickets.get(comment.ticket_id);
  if (!comment || !ticket) return missing("comment");
  const visibility = given["visibility"] ?? comment.visibility;
  if (visibility !== "public" && visibility !== "internal")
    return invalid("visibility", "use public or internal");
  const changes = { visibility: { from: comment.visibility, to: visibility } };
  comment.visibility = visibility;
  comment.body = asText(given["body"]) ?? comment.body;
  await recordChange(world, { type: "comment.updated", actor, ticket, comment, changes });
  return { status: 200, body: comment };
}
