import express from "express";
import { type Listening, listen } from "../../src/sandbox/listen.ts";

/** A webhook as it came in. */
export interface Caught {
  headers: Record<string, string | undefined>;
  body: Buffer;
}

export interface CallbackServer extends Listening {
  caught: Caught[];
  /** Statuses to answer next; 200 when used up. */
  answers: number[];
}

/** Stands where Deskferry would: catches webhooks and answers as told. */
export async function startCallback(): Promise<CallbackServer> {
  const caught: Caught[] = [];
  const answers: number[] = [];
  const app = express();
  app.use(express.raw({ type: "*/*", limit: "8mb" }));
  app.get("/hook", (request, response) => {
    const valid = request.query["hub.verify_token"] === "let-me-in";
    response.status(valid ? 200 : 403).send(valid ? request.query["hub.challenge"] : "no");
  });
  app.post("/hook", (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, item]) => [name, String(item)]),
    );
    caught.push({ headers, body: request.body as Buffer });
    response.status(answers.shift() ?? 200).end();
  });
  const listening = await listen(app);
  return { ...listening, url: `${listening.url}/hook`, caught, answers };
}

/** Polls until `check` returns something; fails loudly after the deadline. */
export async function eventually<T>(
  check: () => T | undefined | Promise<T | undefined>,
  ms = 5000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`nothing came within ${ms} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A JSON request; the answer with its status. */
export async function call(
  url: string,
  init: { method?: string; token?: string; json?: unknown } = {},
): Promise<{ status: number; body: never }> {
  const response = await fetch(url, {
    method: init.method ?? (init.json === undefined ? "GET" : "POST"),
    headers: {
      ...(init.token ? { Authorization: `Bearer ${init.token}` } : {}),
      ...(init.json === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(init.json === undefined ? {} : { body: JSON.stringify(init.json) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text.startsWith("{") ? JSON.parse(text) : text) as never };
}
