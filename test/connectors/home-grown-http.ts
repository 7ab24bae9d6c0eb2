import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { StaffFile } from "deskferry/sdk/testing";
import { readDocument } from "../../src/config/document.ts";

/** A request as a test server sees it. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface Said {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  bytes?: Buffer;
}

/** A server on loopback that answers each request by a function. */
export async function startAnswering(answer: (asked: Asked) => Promise<Said> | Said) {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
      const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
      const { method = "GET", headers } = incoming;
      const said = await answer({
        method,
        path: pathname,
        query: searchParams,
        headers,
        body: Buffer.concat(chunks),
      });
      outgoing.writeHead(said.status ?? 200, { "Content-Type": "application/json", ...said.headers });
      outgoing.end(said.bytes ?? JSON.stringify(said.json));
    })().catch((error: unknown) => {
      outgoing.writeHead(500);
      outgoing.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Fields and files of a body, whichever way it was sent. */
export async function formOf({
  headers,
  body,
}: Asked): Promise<{ fields: Record<string, string>; files: StaffFile[] }> {
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/json")) return { fields: JSON.parse(body.toString()), files: [] };
  if (!type.startsWith("multipart/form-data")) {
    return { fields: Object.fromEntries(new URLSearchParams(body.toString())), files: [] };
  }
  const form = await new Response(new Uint8Array(body), { headers: { "Content-Type": type } }).formData();
  const fields: Record<string, string> = {};
  const files: StaffFile[] = [];
  for (const [name, part] of form) {
    if (typeof part === "string") fields[name] = part;
    else files.push({ name: part.name, mimeType: part.type, bytes: Buffer.from(await part.arrayBuffer()) });
  }
  return { fields, files };
}

/** The settings of the connection `desk` in a file like deskferry.yaml, with its variables filled in. */
export function connectionIn(file: string, variables: Record<string, string>): Record<string, unknown> {
  const document = readDocument(file, (name) => variables[name]);
  if (document.problems.length > 0) throw new Error(JSON.stringify(document.problems));
  const { connections } = document.value as { connections: Record<string, Record<string, unknown>> };
  const { use: _, pollSeconds: __, ...settings } = connections["desk"] ?? {};
  return settings;
}
