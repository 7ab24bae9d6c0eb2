import { type Request, type Response, Router } from "express";
import { controlRouter } from "../control.ts";
import { journalSource, streamEvents } from "../event-stream.ts";
import { readFault } from "../faults.ts";
import { asBoolean, asNumber, asObject, asText, ControlError, compact, type Json } from "../read.ts";
import { type GraphLedger, readLedger } from "./entries.ts";
import { graphOperations } from "./graph-api.ts";
import { toAnswer } from "./graph-error.ts";
import { messagesValue } from "./payload.ts";
import { readPersonRequest } from "./person-message.ts";
import { numberOf, writeMessages } from "./receive.ts";
import type { GraphNumber } from "./settings.ts";
import { replaceTemplates, setTemplateStatus } from "./template-control.ts";
import { postWebhook, tryHandshake } from "./webhooks.ts";
import type { GraphWorld } from "./world.ts";

/** The side of the emulator that Meta does not have: what people do, what goes wrong, what happened. */
export function graphControl(world: GraphWorld): Router {
  const router = Router();
  router.get("/events", streamEvents(journalSource(world.journal)));
  router.get("/media/:id", (request, response) => showMedia(world, request, response));
  router.use(
    controlRouter({
      "POST /messages": ({ body }) => writeMessages(world, readPersonRequest(body, firstNumber(world))),
      "GET /ledger": ({ query }) => ledger(world, query),
      "GET /people": () => ({ people: world.people.all().map(({ lastMessageAt, ...rest }) => rest) }),
      "GET /numbers": () => ({ numbers: world.numbers.map(shownNumber), now: world.clock.now() }),
      "PUT /callback": ({ body }) => setCallback(world, asObject(body)),
      "PUT /secrets": ({ body }) => setSecrets(world, asObject(body)),
      "GET /faults": () => ({ faults: world.faults.waiting() }),
      "POST /faults": ({ body }) => addFault(world, asObject(body)),
      "DELETE /faults": () => clearFaults(world),
      "PUT /statuses": ({ body }) => setStatuses(world, asObject(body)),
      "PUT /templates": ({ body }) => replaceTemplates(world, body),
      "PATCH /templates": ({ body }) => setTemplateStatus(world, asObject(body)),
      "POST /changes": ({ body }) => postChange(world, asObject(body)),
      "POST /handshake": ({ body }) => handshake(world, asObject(body)),
      "POST /clock": ({ body }) => advanceClock(world, asObject(body)),
    }),
  );
  return router;
}

function firstNumber(world: GraphWorld): string | undefined {
  return world.numbers[0]?.phoneNumberId;
}

function shownNumber({ phoneNumberId, displayPhoneNumber, verifiedName }: GraphNumber): Json {
  return { phoneNumberId, displayPhoneNumber, verifiedName };
}

/** Points the callback of one number, or of all, elsewhere: servers that know each other start one after the other. */
function setCallback(world: GraphWorld, body: Json): void {
  const url = asText(body["url"]);
  if (!url || !URL.canParse(url)) throw new ControlError("url: the address that takes webhooks");
  const id = asText(body["number"]);
  for (const number of id ? [numberOf(world, id)] : world.numbers) number.callbackUrl = url;
}

function ledger(world: GraphWorld, query: Request["query"]): GraphLedger {
  const filter = { since: Number(query["since"] ?? 0), ...compact({ person: asText(query["person"]) }) };
  return { ...readLedger(world.journal, filter), pendingWebhooks: world.sender.pending() };
}

/** A token has run out and been renewed, an app secret was reset: from now on only the new one is good. */
function setSecrets(world: GraphWorld, body: Json): void {
  const id = asText(body["number"]);
  const { accessToken, appSecret } = {
    accessToken: asText(body["accessToken"]),
    appSecret: asText(body["appSecret"]),
  };
  if (!accessToken && !appSecret) throw new ControlError("accessToken, appSecret: one of them");
  for (const number of id ? [numberOf(world, id)] : world.numbers) {
    Object.assign(number, compact({ accessToken, appSecret }));
  }
}

function showMedia(world: GraphWorld, request: Request, response: Response): void {
  const media = world.media.get(String(request.params["id"]));
  if (!media) response.status(404).end();
  else response.type(media.mimeType).set("Cache-Control", "private, max-age=3600").send(media.bytes);
}

/** `{code, times?, when?, delivery?: "status"}` makes Graph errors; everything else as readFault says. */
function addFault(world: GraphWorld, body: Json): void {
  const code = asNumber(body["code"]);
  if (code === undefined) {
    world.faults.add(readFault(body, graphOperations));
    return;
  }
  const error = { code, details: asText(body["details"]) ?? "asked for by the fault script" };
  const times = asNumber(body["times"]) ?? 1;
  if (body["delivery"] === "status") {
    for (let count = 0; count < times; count += 1) world.failures.push(error);
    return;
  }
  const answer = toAnswer(error);
  const fault = { operation: "send", ...body, times, status: answer.status, body: answer.body };
  world.faults.add(readFault(fault, graphOperations));
}

function clearFaults(world: GraphWorld): void {
  world.faults.clear();
  world.failures.length = 0;
}

function setStatuses(world: GraphWorld, body: Json): Json {
  const delays = asObject(body["delaysMs"]);
  const [sent, delivered, read] = ["sent", "delivered", "read"].map((state) => asNumber(delays[state]));
  const wanted = compact({
    delaysMs: body["delaysMs"] === undefined ? undefined : compact({ sent, delivered, read }),
    lose: asNumber(body["lose"]),
    double: asNumber(body["double"]),
    shuffle: asBoolean(body["shuffle"]),
    beforeAnswer: asBoolean(body["beforeAnswer"]),
  });
  Object.assign(world.statuses, wanted);
  return { ...world.statuses };
}

/** Posts any change, signed: `{number?, field, value}`; for `messages` the metadata is added. */
async function postChange(world: GraphWorld, body: Json): Promise<{ accepted: boolean }> {
  const number = numberOf(world, asText(body["number"]) ?? firstNumber(world) ?? "");
  const field = asText(body["field"]) ?? "messages";
  const given = asObject(body["value"]);
  const value = field === "messages" ? messagesValue(number, given) : given;
  const changes = [{ wabaId: number.wabaId, field, value }];
  return { accepted: await postWebhook(world, number, { changes, wamids: [] }) };
}

async function handshake(world: GraphWorld, body: Json): Promise<{ verified: boolean }> {
  const number = numberOf(world, asText(body["number"]) ?? firstNumber(world) ?? "");
  return { verified: await tryHandshake(world, number) };
}

function advanceClock(world: GraphWorld, body: Json): { now: string } {
  const ms = asNumber(body["advanceMs"]);
  if (ms === undefined) throw new ControlError("advanceMs: a number of milliseconds");
  world.clock.advance(ms);
  const now = new Date(world.clock.now()).toISOString();
  world.journal.append({ kind: "clock", detail: now });
  return { now };
}
