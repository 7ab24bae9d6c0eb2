import { Agent } from "node:http";
import axios from "axios";
import express from "express";
import jsonata from "jsonata";
import { verifyHmac } from "../../src/sdk/signature.ts";
import { sandbox } from "../sandbox-settings.ts";

/**
 * What one writes by hand in an afternoon: Express, the signature, two JSONata mappings, two calls to the helpdesk, and
 * only then the answer. No queue, no order, no deduplication, nothing kept. A process of its own; prints its port.
 */
const desk = axios.create({ baseURL: process.argv[2] ?? "", httpAgent: new Agent({ keepAlive: true }) });

const contact = jsonata(`(
  $name := $trim($substring(contact.profile.name, 0, 100));
  { "name": $name ? $name : contact.wa_id, "phone": "+" & contact.wa_id, "external_id": contact.user_id }
)`);
const ticket = jsonata(`(
  $quote := message.context.id ? "[In reply to an earlier message]";
  $forwarded := message.context.forwarded ? "[Forwarded]";
  {
    "subject": $substring($replace(message.text.body, /\\s+/, " "), 0, 80),
    "body": $join([$quote, $forwarded, $substring(message.text.body, 0, 20000)], "\\n"),
    "visibility": message.type in ["system", "welcome"] ? "internal" : "public",
    "external_id": message.id,
    "tags": ["whatsapp"]
  }
)`);

interface Payload {
  entry: { changes: { value: { contacts: object[]; messages: object[] } }[] }[];
}

const app = express();
app.use(express.raw({ type: () => true }));
app.post("/", async (request, response) => {
  const body = request.body as Buffer;
  const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
  if (!verifyHmac([sandbox.appSecret], body, request.get("x-hub-signature-256"), format)) {
    response.status(401).end();
    return;
  }
  const value = (JSON.parse(body.toString()) as Payload).entry[0]?.changes[0]?.value;
  const input = { contact: value?.contacts[0], message: value?.messages[0] };
  const { data } = await desk.put<{ id: string }>("/api/contacts", await contact.evaluate(input));
  await desk.post("/api/tickets", { ...(await ticket.evaluate(input)), contact_id: data.id });
  response.json({ accepted: true });
});
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === "object" ? address?.port : 0 })}\n`);
});
