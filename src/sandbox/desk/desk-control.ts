import { type Request, type Response, Router } from "express";
import { controlRouter } from "../control.ts";
import { journalSource, streamEvents } from "../event-stream.ts";
import { type Answer, readFault } from "../faults.ts";
import { asBoolean, asList, asNumber, asObject, asText, ControlError, compact, type Json } from "../read.ts";
import { deskOperations } from "./desk-api.ts";
import { readDesk } from "./reads.ts";
import type { Actor } from "./records.ts";
import type { DeskWorld, StoredFile } from "./world.ts";
import { addComment, createTicket, saveContact, updateComment, updateTicket } from "./writes.ts";

/** What staff do, what goes wrong, and what the helpdesk holds. No login: loopback only. */
export function deskControl(world: DeskWorld): Router {
  const router = Router();
  router.get("/events", streamEvents(journalSource(world.journal)));
  router.get("/attachments/:id", (request, response) => showFile(world, request, response));
  router.use(
    controlRouter({
      "GET /ledger": () => readDesk(world),
      "POST /contacts": async ({ body }) => done(await saveContact(world, agentOf(body), asObject(body))),
      "POST /tickets": async ({ body }) => done(await createTicket(world, agentOf(body), asObject(body))),
      "PATCH /tickets/:id": async ({ params, body }) =>
        done(await updateTicket(world, agentOf(body), String(params["id"]), asObject(body))),
      "POST /tickets/:id/comments": async ({ params, body }) =>
        done(await addComment(world, String(params["id"]), { actor: agentOf(body), ...staffComment(body) })),
      "PATCH /comments/:id": async ({ params, body }) =>
        done(await updateComment(world, agentOf(body), String(params["id"]), asObject(body))),
      "GET /faults": () => ({ faults: world.faults.waiting() }),
      "POST /faults": ({ body }) => world.faults.add(readFault(body, deskOperations)),
      "DELETE /faults": () => world.faults.clear(),
      "PUT /settings": ({ body }) => changeSettings(world, asObject(body)),
      "PUT /callback": ({ body }) => setCallback(world, asObject(body)),
    }),
  );
  return router;
}

/** A refusal of the helpdesk becomes a refusal of the control request. */
function done(answer: Answer): unknown {
  if (answer.status < 300) return answer.body;
  const { field, reason, what, error } = asObject(answer.body);
  throw new ControlError([error, field ?? what, reason].filter(Boolean).map(String).join(": "));
}

function agentOf(body: unknown): Actor {
  const given = asObject(asObject(body)["agent"]);
  return { id: asText(given["id"]) ?? "agent-1", name: asText(given["name"]) ?? "Sam", kind: "agent" };
}

function staffComment(body: unknown): { given: Json; files: StoredFile[] } {
  const given = asObject(body);
  const files = asList(given["attachments"]).map((item) => {
    const file = asObject(item);
    return {
      name: asText(file["name"]) ?? "file",
      mimeType: asText(file["mimeType"]) ?? "application/octet-stream",
      bytes: Buffer.from(asText(file["base64"]) ?? "", "base64"),
    };
  });
  return { given, files };
}

function showFile(world: DeskWorld, request: Request, response: Response): void {
  const file = world.files.get(String(request.params["id"]));
  if (!file) response.status(404).end();
  else response.type(file.mimeType).set("Cache-Control", "private, max-age=3600").send(file.bytes);
}

function changeSettings(world: DeskWorld, body: Json): Json {
  const externalIds = body["externalIds"];
  if (externalIds !== undefined && externalIds !== "unique" && externalIds !== "plain") {
    throw new ControlError("externalIds: use unique or plain");
  }
  const wanted = compact({
    externalIds,
    lagMs: asNumber(body["lagMs"]),
    echoFirst: asBoolean(body["echoFirst"]),
  });
  Object.assign(world.behaviour, wanted);
  return { ...world.behaviour };
}

function setCallback(world: DeskWorld, body: Json): void {
  const url = asText(body["url"]);
  if (!url || !URL.canParse(url)) throw new ControlError("url: the address that takes webhooks");
  world.callbackUrl = url;
}
