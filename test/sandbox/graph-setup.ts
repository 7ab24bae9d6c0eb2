import { startGraph } from "../../src/sandbox/graph/server.ts";
import type { GraphOptions, GraphTemplate } from "../../src/sandbox/graph/settings.ts";
import { type CallbackServer, call, startCallback } from "./callback-server.ts";

export const TOKEN = "graph-token";
export const SECRET = "app-secret";
export const NUMBER = "106540352242922";
export const ANA = { phone: "+447700900123", name: "Ana" };

export const templates: GraphTemplate[] = [
  {
    name: "ticket_update",
    language: "en",
    status: "APPROVED",
    category: "UTILITY",
    parameter_format: "POSITIONAL",
    components: [
      { type: "HEADER", format: "TEXT", text: "News on {{1}}" },
      { type: "BODY", text: "Hello {{1}}, your report {{2}} is now solved." },
      { type: "BUTTONS", buttons: [{ type: "URL", text: "Open", url: "https://city.example/t/{{1}}" }] },
    ],
  },
  {
    name: "named_update",
    language: "pt_BR",
    status: "APPROVED",
    category: "UTILITY",
    parameter_format: "NAMED",
    components: [{ type: "BODY", text: "Olá {{first_name}}!" }],
  },
  {
    name: "waiting",
    language: "en",
    status: "PENDING",
    category: "UTILITY",
    parameter_format: "POSITIONAL",
    components: [{ type: "BODY", text: "Hello" }],
  },
];

export function number(overrides: Partial<GraphOptions["numbers"][number]> = {}) {
  return {
    phoneNumberId: NUMBER,
    wabaId: "102290129340398",
    displayPhoneNumber: "+44 1632 960961",
    verifiedName: "City of Example",
    accessToken: TOKEN,
    appSecret: SECRET,
    ...overrides,
  };
}

/** An emulator with a callback behind it. */
export async function startPair(options: Partial<GraphOptions> = {}) {
  const callback: CallbackServer = await startCallback();
  const numbers = (options.numbers ?? [number()]).map((each) => ({ callbackUrl: callback.url, ...each }));
  const graph = await startGraph({ templates, retryDelaysMs: [5, 5, 5], ...options, numbers });
  return {
    graph,
    callback,
    control: (method: string, path: string, json?: unknown) =>
      call(`${graph.url}/sandbox${path}`, { method, ...(json === undefined ? {} : { json }) }),
    write: (json: object) =>
      call(`${graph.url}/sandbox/messages`, { json: { wait: true, person: ANA, ...json } }),
    send: (json: object, token = TOKEN) => call(`${graph.url}/v26.0/${NUMBER}/messages`, { json, token }),
    get: (path: string, token = TOKEN) => call(`${graph.url}/v26.0/${path}`, { token }),
    async stop() {
      await graph.stop();
      await callback.stop();
    },
  };
}

export type Pair = Awaited<ReturnType<typeof startPair>>;

export function text(body: string, to = ANA.phone) {
  return {
    messaging_product: "whatsapp",
    to,
    type: "text",
    text: { body },
    biz_opaque_callback_data: "intent-1",
  };
}

export function template(name: string, language: string, components: object[]) {
  return {
    messaging_product: "whatsapp",
    to: ANA.phone,
    type: "template",
    template: { name, language: { code: language }, components },
  };
}

/** All that `ticket_update` needs, with the body's parameters given. */
export function ticketUpdate(...body: string[]) {
  const parameters = (values: string[]) => values.map((each) => ({ type: "text", text: each }));
  return template("ticket_update", "en", [
    { type: "header", parameters: parameters(["#7"]) },
    { type: "body", parameters: parameters(body) },
    { type: "button", sub_type: "url", index: "0", parameters: parameters(["7"]) },
  ]);
}
