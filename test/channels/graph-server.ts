import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import meta from "../../src/channels/meta/index.ts";
import { type Channel, createHttpClient } from "../../src/sdk/index.ts";

/** A request as the server saw it. */
export interface Call {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage["headers"];
  /** Of a body that is no form. */
  json: unknown;
  bytes: Buffer;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is a Buffer. */
  body?: unknown;
  /** Bytes promised; more than are sent breaks the connection in the middle. */
  promised?: number;
  /** Breaks the connection before any answer. */
  reset?: boolean;
}

export interface GraphServer {
  url: string;
  host: string;
  calls: Call[];
  stop(): Promise<void>;
}

/** A server on loopback that answers what `answer` says, one call after the other. */
export async function startGraph(answer: (call: Call) => Reply): Promise<GraphServer> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://loopback");
    const bytes = await buffer(request);
    const isForm = request.headers["content-type"]?.startsWith("multipart/") ?? false;
    const call: Call = {
      method: request.method ?? "",
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      json: bytes.length === 0 || isForm ? undefined : JSON.parse(bytes.toString("utf8")),
      bytes,
    };
    calls.push(call);
    write(response, answer(call));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    calls,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function write(response: ServerResponse, reply: Reply): void {
  if (reply.reset) {
    response.destroy();
    return;
  }
  const body = Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(JSON.stringify(reply.body ?? {}));
  response.writeHead(reply.status ?? 200, {
    "content-length": String(reply.promised ?? body.length),
    ...reply.headers,
  });
  if (reply.promised === undefined) response.end(body);
  else response.write(body, () => response.destroy());
}

export const NUMBER_ID = "100000000000001";
export const TOKEN = "token-of-a-system-user";
/** Wednesday, 18 November 2026. */
const NOW = Date.parse("2026-11-18T11:06:40Z");

/** The channel as deskferry.yaml would set it up. */
export function createChannel(settings: Record<string, unknown> = {}): Channel {
  const config = meta.config.parse({
    phoneNumberId: NUMBER_ID,
    appSecrets: ["app-secret"],
    verifyToken: "verify-token",
    accessToken: TOKEN,
    ...settings,
  });
  const clock = { now: () => NOW };
  const log = { debug() {}, info() {}, warn() {} };
  return meta.create(config, { http: (options) => createHttpClient(options, clock), log, clock });
}

/** Graph's error object. */
export function graphErrorBody(code: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    error: {
      message: `(#${code}) Something about +447700900123`,
      type: "OAuthException",
      code,
      error_data: { messaging_product: "whatsapp", details: "Recipient +447700900123 is not reachable" },
      fbtrace_id: "trace",
      ...more,
    },
  };
}
