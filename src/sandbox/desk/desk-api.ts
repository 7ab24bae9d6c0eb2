import { type Request, type RequestHandler, Router } from "express";
import { safeEqual } from "../../sdk/signature.ts";
import { type Answer, sendAnswer } from "../faults.ts";
import { type FormFile, readForm } from "../form.ts";
import { asObject, asText, type Json } from "../read.ts";
import { findByExternalId, listChanges } from "./reads.ts";
import { apiAccount, type DeskWorld } from "./world.ts";
import { addComment, createTicket, maxAttachmentBytes, saveContact, updateTicket } from "./writes.ts";

/** Operations that the fault script can name. */
export const deskOperations = [
  "account",
  "contact.save",
  "ticket.create",
  "ticket.find",
  "ticket.update",
  "comment.add",
  "comment.find",
  "attachment.read",
  "changes",
] as const;

type Perform = (request: Request) => Answer | Promise<Answer>;

/** The helpdesk's REST API; Bearer token of the API account throughout. */
export function deskApi(world: DeskWorld): Router {
  const router = Router();
  const guard = (operation: (typeof deskOperations)[number], perform: Perform): RequestHandler =>
    world.faults.guard(operation, (request) => (isKnown(world, request) ? perform(request) : notLoggedIn));
  router.get(
    "/account",
    guard("account", () => describeAccount(world)),
  );
  router.put(
    "/contacts",
    guard("contact.save", ({ body }) => saveContact(world, apiAccount, asObject(body))),
  );
  router.post(
    "/tickets",
    guard("ticket.create", ({ body }) => createTicket(world, apiAccount, asObject(body))),
  );
  router.get(
    "/tickets",
    guard("ticket.find", (request) => findTickets(world, request)),
  );
  router.patch(
    "/tickets/:id",
    guard("ticket.update", (request) =>
      updateTicket(world, apiAccount, idOf(request), asObject(request.body)),
    ),
  );
  router.post(
    "/tickets/:id/comments",
    guard("comment.add", (request) => receiveComment(world, request)),
  );
  router.get(
    "/tickets/:id/comments",
    guard("comment.find", (request) => findComments(world, request)),
  );
  router.get(
    "/attachments/:id",
    guard("attachment.read", (request) => readAttachment(world, request)),
  );
  router.get(
    "/changes",
    guard("changes", (request) => readChanges(world, request)),
  );
  router.use((_request, response) => sendAnswer(response, { status: 404, body: { error: "not_found" } }));
  return router;
}

const notLoggedIn: Answer = { status: 401, body: { error: "unauthorised" } };

function isKnown(world: DeskWorld, request: Request): boolean {
  return safeEqual(request.get("authorization") ?? "", `Bearer ${world.options.token}`);
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

function describeAccount(world: DeskWorld): Answer {
  const { externalIds } = world.behaviour;
  const limit = maxAttachmentBytes;
  return { status: 200, body: { ...apiAccount, external_ids: externalIds, max_attachment_bytes: limit } };
}

function findTickets(world: DeskWorld, request: Request): Answer {
  const externalId = asText(request.query["external_id"]);
  const all = [...world.tickets.values()];
  const tickets = externalId ? findByExternalId(world, all, externalId) : all;
  return { status: 200, body: { tickets } };
}

function findComments(world: DeskWorld, request: Request): Answer {
  const all = world.comments.get(idOf(request));
  if (!all) return { status: 404, body: { error: "not_found", what: "ticket" } };
  const externalId = asText(request.query["external_id"]);
  return { status: 200, body: { comments: externalId ? findByExternalId(world, all, externalId) : all } };
}

async function receiveComment(world: DeskWorld, request: Request): Promise<Answer> {
  const read = await readComment(request).catch(() => undefined);
  if (!read) return { status: 400, body: { error: "malformed", reason: "not a readable form" } };
  return addComment(world, idOf(request), { actor: apiAccount, ...read });
}

function readAttachment(world: DeskWorld, request: Request): Answer {
  const file = world.files.get(idOf(request));
  if (!file) return { status: 404, body: { error: "not_found", what: "attachment" } };
  return { status: 200, body: file.bytes, headers: { "Content-Type": file.mimeType } };
}

function readChanges(world: DeskWorld, request: Request): Answer {
  const limit = Number(request.query["limit"] ?? 100);
  if (!Number.isInteger(limit)) return { status: 422, body: { error: "invalid", field: "limit" } };
  return listChanges(world, asText(request.query["after"]) ?? "now", Math.min(Math.max(limit, 1), 500));
}

/** JSON, or a form with the JSON in the part `comment` and files in parts `file`. Throws on a malformed body. */
async function readComment(request: Request): Promise<{ given: Json; files: FormFile[] }> {
  const { fields, files } = await readForm(request);
  const comment = request.is("multipart/form-data") ? asText(fields["comment"]) : undefined;
  return { given: comment === undefined ? fields : asObject(JSON.parse(comment)), files };
}
