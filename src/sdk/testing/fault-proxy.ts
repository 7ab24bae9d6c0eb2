import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with a request. */
export type Fault =
  /** The request is answered without reaching the server, or after it has reached it. */
  | { kind: "answer"; status: number; headers?: Record<string, string>; body?: string; after?: boolean }
  /** The connection breaks before the server sees the request, or after it has done its work. */
  | { kind: "reset"; after?: boolean }
  /** No answer, ever. */
  | { kind: "silence" }
  /** The server worked; half of its answer's body comes, and then the end of the connection, or nothing more. */
  | { kind: "half"; ends: "reset" | "silence" };

/** Chooses the fault of the request with this number, counted from 0 since the faults were set. */
export type FaultPlan = (index: number) => Fault | undefined;

/** A request as it passed. */
export interface Passed {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface FaultProxy {
  url: string;
  /** Requests since the faults were set or cleared. */
  passed: readonly Passed[];
  set(plan: FaultPlan): void;
  clear(): void;
  stop(): Promise<void>;
}

/** An HTTP proxy on loopback in front of the server under test, so that any server can be made to fail. */
export async function startFaultProxy(serverUrl: string): Promise<FaultProxy> {
  const target = new URL(serverUrl);
  const silent = new Set<ServerResponse>();
  let plan: FaultPlan = () => undefined;
  let passed: Passed[] = [];

  const server = createServer((incoming, outgoing) => {
    incoming.on("error", () => outgoing.destroy());
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const entry = await passing(incoming);
    const fault = plan(passed.length);
    passed.push(entry);
    if (fault?.kind === "silence") {
      silent.add(outgoing);
      return;
    }
    if (fault && fault.kind !== "half" && !fault.after) return fail(fault, outgoing);
    const answer = await forward(entry, target);
    if (fault?.kind === "half") {
      if (fault.ends === "silence") silent.add(outgoing);
      return half(answer, fault.ends, outgoing);
    }
    if (fault) return fail(fault, outgoing);
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  }
  function reset(next: FaultPlan) {
    for (const outgoing of silent) outgoing.destroy();
    silent.clear();
    plan = next;
    passed = [];
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${target.pathname.replace(/\/$/, "")}`,
    get passed() {
      return passed;
    },
    set: reset,
    clear: () => reset(() => undefined),
    async stop() {
      reset(() => undefined);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function passing(incoming: IncomingMessage): Promise<Passed> {
  const body = await readAll(incoming);
  return { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers: incoming.headers, body };
}

export async function readAll(incoming: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function fail(fault: Exclude<Fault, { kind: "silence" | "half" }>, outgoing: ServerResponse): void {
  if (fault.kind === "reset") {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  outgoing.writeHead(fault.status, fault.headers);
  outgoing.end(fault.body);
}

/** The length that is announced never comes; an empty body announces one byte. */
function half(answer: Forwarded, ends: "reset" | "silence", outgoing: ServerResponse): void {
  const { body, headers, status } = answer;
  const announced = { ...headers, "content-length": String(Math.max(body.length, 1)) };
  outgoing.writeHead(status, announced);
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)));
  outgoing.flushHeaders();
  // What was written must have left before the connection breaks.
  if (ends === "reset") setImmediate(() => outgoing.socket?.destroy());
}

interface Forwarded {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/** Bodies come as they are, not decompressed; `connection` and the like belong to one connection only. */
function forward({ method, path, headers, body }: Passed, target: URL) {
  const { connection: _, "transfer-encoding": __, ...rest } = headers;
  const options = {
    host: target.hostname,
    port: target.port,
    method,
    path,
    headers: { ...rest, host: target.host, "content-length": body.length },
  };
  return new Promise<Forwarded>((resolve, reject) => {
    const outgoing = request(options, (answer) => {
      readAll(answer).then((bytes) => {
        const { connection: ___, "transfer-encoding": ____, "keep-alive": _____, ...kept } = answer.headers;
        resolve({ status: answer.statusCode ?? 502, headers: kept, body: bytes });
      }, reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
