import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connectors } from "../../connectors/registry.ts";
import { channelTypes } from "../../src/channels/registry.ts";
import type { Channel, Connector, Tools } from "../../src/sdk/index.ts";
import { createHttpClient } from "../../src/sdk/index.ts";
import { createClock } from "../support/clock.ts";

/** A server that was meant to be asked, and that passes on an address in each way that one can come from outside. */
export async function startHonest() {
  let told = "";
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume();
    answer(request.url ?? "", told, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    tell: (address: string) => {
      told = address;
    },
    asked: () => asked,
    stop: () => void server.close().closeAllConnections(),
  };
}

function answer(path: string, told: string, response: ServerResponse): void {
  const json = jsonOf(path, told);
  if (json) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(json));
    return;
  }
  // A header cannot carry every spelling as it is; a server would send its bytes.
  const location = Buffer.from(told, "utf8").toString("latin1").replace(/\t/g, "%09");
  response.writeHead(302, { location }).end();
}

function jsonOf(path: string, told: string): unknown {
  if (/^(\/v25\.0)?\/300(\?|$)/.test(path)) return { url: told, mime_type: "image/png", id: "300" };
  if (path === "/oauth/token") return { access_token: "a", token_type: "bearer" };
  if (path.includes("/signed-url")) return { url: told };
  if (path.endsWith("/messages")) return { messaging_product: "whatsapp", messages: [{ id: "wamid.A" }] };
  if (!path.includes("/conversations")) return undefined;
  const attachments = [{ id: 9, name: "a.png", content_type: "image/png", attachment_url: told }];
  return [{ id: 1, created_at: "2026-01-01T00:00:00Z", attachments }];
}

export function toolsOf(): Tools {
  const clock = createClock();
  const quiet = () => undefined;
  return {
    clock,
    http: (options) => createHttpClient(options, clock),
    log: { debug: quiet, info: quiet, warn: quiet },
    expressions: { compile: async () => undefined, evaluate: async () => undefined },
  };
}

/** Settings are read as from deskferry.yaml: what their schema refuses is never used. */
export async function connectorOf(name: string, settings: Record<string, unknown>): Promise<Connector> {
  const { default: definition } = (await connectors[name]?.()) ?? {};
  if (!definition) throw new Error(`no connector ${name}`);
  return definition.create(definition.config.parse(settings), toolsOf());
}

export function channelOf(type: string, settings: Record<string, unknown>): Channel {
  const definition = channelTypes[type];
  if (!definition) throw new Error(`no channel type ${type}`);
  return definition.create(definition.config.parse(settings), toolsOf());
}
