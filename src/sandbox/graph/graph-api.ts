import { type Request, type Response, Router } from "express";
import { safeEqual } from "../../sdk/signature.ts";
import { type Answer, sendAnswer } from "../faults.ts";
import { asText, type Json } from "../read.ts";
import { type GraphError, toAnswer } from "./graph-error.ts";
import { type StoredMedia, sha256Of } from "./media.ts";
import { handleSend } from "./send.ts";
import type { GraphNumber, GraphTemplate } from "./settings.ts";
import { handleUpload } from "./upload.ts";
import type { GraphWorld } from "./world.ts";

/** Operations that the fault script can name. */
export const graphOperations = [
  "send",
  "upload",
  "media.address",
  "media.download",
  "object",
  "templates",
  "subscriptions",
] as const;

/** The addresses of graph.facebook.com that Deskferry uses. */
export function graphApi(world: GraphWorld): Router {
  const router = Router();
  const { faults } = world;
  const send = faults.guard("send", (request) => actFor(world, request, handleSend));
  const upload = faults.guard("upload", (request) => actFor(world, request, handleUpload));
  const download = faults.guard("media.download", (request) => downloadMedia(world, request));
  const address = faults.guard("media.address", (request) => describeMedia(world, request));
  const object = faults.guard("object", (request) => describeNumber(world, request));
  const templates = faults.guard("templates", (request) => listTemplates(world, request));

  const subscriptions = faults.guard("subscriptions", (request) => listSubscriptions(world, request));

  router.get("/whatsapp_business/attachments/", download);
  router.post("/:version/:id/messages", send);
  router.post("/:version/:id/media", upload);
  router.get("/:version/:id/message_templates", templates);
  router.get("/:version/:id/subscribed_apps", subscriptions);
  router.get("/:version/:id", (request, response, next) =>
    world.media.get(idOf(request)) ? address(request, response, next) : object(request, response, next),
  );
  router.use((_request: Request, response: Response) => {
    sendAnswer(response, toAnswer({ code: 100, details: "Unknown path components" }));
  });
  return router;
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

/** The numbers that the request's bearer token may act for. */
function numbersOf(world: GraphWorld, request: Request): GraphNumber[] {
  const token = /^Bearer (.+)$/.exec(request.get("authorization") ?? "")?.[1] ?? "";
  return world.numbers.filter((number) => safeEqual(token, number.accessToken));
}

const notLoggedIn: GraphError = {
  code: 190,
  details: "Invalid OAuth access token - Cannot parse access token",
};

function unknownObject(id: string): GraphError {
  const details = `Object with ID '${id}' does not exist, cannot be loaded due to missing permissions`;
  return { code: 100, details };
}

type Perform = (world: GraphWorld, number: GraphNumber, request: Request) => Promise<Answer>;

/** Acts for the number of the address, if the token may. */
async function actFor(world: GraphWorld, request: Request, perform: Perform): Promise<Answer> {
  const allowed = numbersOf(world, request);
  if (allowed.length === 0) return toAnswer(notLoggedIn);
  const number = allowed.find((each) => each.phoneNumberId === idOf(request));
  return number ? perform(world, number, request) : toAnswer(unknownObject(idOf(request)));
}

function mayRead(world: GraphWorld, request: Request, media: StoredMedia): boolean {
  const asked = asText(request.query["phone_number_id"]);
  if (asked && asked !== media.phoneNumberId) return false;
  return numbersOf(world, request).some((number) => number.phoneNumberId === media.phoneNumberId);
}

function describeMedia(world: GraphWorld, request: Request): Answer {
  if (numbersOf(world, request).length === 0) return toAnswer(notLoggedIn);
  const media = world.media.get(idOf(request));
  if (!media || !mayRead(world, request, media)) return toAnswer(unknownObject(idOf(request)));
  return {
    status: 200,
    body: {
      messaging_product: "whatsapp",
      url: world.media.addressOf(media, world.baseUrl),
      mime_type: media.mimeType,
      sha256: sha256Of(media, "hex"),
      file_size: media.bytes.length,
      id: media.id,
    },
  };
}

function downloadMedia(world: GraphWorld, request: Request): Answer {
  if (numbersOf(world, request).length === 0) return toAnswer(notLoggedIn);
  const media = world.media.open(request.query);
  if (!media) return { status: 404, body: "Sorry, the address has expired." };
  return { status: 200, body: media.bytes, headers: { "Content-Type": media.mimeType } };
}

function describeNumber(world: GraphWorld, request: Request): Answer {
  const allowed = numbersOf(world, request);
  if (allowed.length === 0) return toAnswer(notLoggedIn);
  const number = allowed.find((each) => each.phoneNumberId === idOf(request));
  if (!number) return toAnswer(unknownObject(idOf(request)));
  const all: Json = {
    id: number.phoneNumberId,
    display_phone_number: number.displayPhoneNumber,
    verified_name: number.verifiedName,
    quality_rating: "GREEN",
    code_verification_status: "VERIFIED",
    platform_type: "CLOUD_API",
    throughput: { level: "STANDARD" },
  };
  return { status: 200, body: pick(all, request) };
}

/** Only the fields asked for, and the id always, as Graph does. */
function pick(all: Json, request: Request): Json {
  const fields = asText(request.query["fields"])?.split(",");
  if (!fields) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => name === "id" || fields.includes(name)));
}

/** An app is subscribed when one of the account's numbers has a callback. */
function listSubscriptions(world: GraphWorld, request: Request): Answer {
  const allowed = numbersOf(world, request);
  if (allowed.length === 0) return toAnswer(notLoggedIn);
  const numbers = allowed.filter((number) => number.wabaId === idOf(request));
  if (numbers.length === 0) return toAnswer(unknownObject(idOf(request)));
  const app = { whatsapp_business_api_data: { id: "670843887433847", name: "Deskferry sandbox", link: "" } };
  return { status: 200, body: { data: numbers.some((number) => number.callbackUrl) ? [app] : [] } };
}

function listTemplates(world: GraphWorld, request: Request): Answer {
  const allowed = numbersOf(world, request);
  if (allowed.length === 0) return toAnswer(notLoggedIn);
  if (!allowed.some((number) => number.wabaId === idOf(request)))
    return toAnswer(unknownObject(idOf(request)));
  const matching = world.templates.list().filter((template) => matches(template, request));
  const start = Number(asText(request.query["after"]) ?? 0);
  const limit = Number(asText(request.query["limit"]) ?? 25);
  const page = matching.slice(start, start + limit);
  const end = start + page.length;
  const cursors = { before: String(start), after: String(end) };
  const next = `${world.baseUrl}${request.path}?limit=${limit}&after=${end}`;
  const paging = end < matching.length ? { cursors, next } : { cursors };
  const data = page.map((template, index) => ({ ...template, id: String(7_000_000 + start + index) }));
  return { status: 200, body: { data, paging } };
}

function matches(template: GraphTemplate, request: Request): boolean {
  return (["name", "language", "status"] as const).every((field) => {
    const wanted = asText(request.query[field]);
    return wanted === undefined || template[field] === wanted;
  });
}
