import { setMaxListeners } from "node:events";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** One signed POST to a callback, repeated until it is answered with 200. */
export interface WebhookPost {
  url: string;
  body: Buffer;
  /** Made anew for every attempt, since some signatures hold the time. */
  headers(): Record<string, string>;
  /** Told of every attempt, counted from 1. */
  onAttempt(result: AttemptResult): void;
}

export interface AttemptResult {
  attempt: number;
  /** HTTP status; absent when there was no answer. */
  status?: number;
  error?: string;
}

export interface WebhookSender {
  /** Resolves with true when the callback answered 200, false when all attempts are used up. */
  post(webhook: WebhookPost): Promise<boolean>;
  /** Webhooks on their way or waiting for another attempt. */
  pending(): number;
  stop(): void;
}

export interface WebhookSenderOptions {
  /** Waiting times before the second, third … attempt; as many repeats as there are entries. */
  retryDelaysMs: number[];
  timeoutMs: number;
  /** POSTs at the same time; more wait their turn. */
  connections: number;
}

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const sockets = { keepAlive: true, maxSockets: options.connections };
  const agents = { "http:": new HttpAgent(sockets), "https:": new HttpsAgent(sockets) };
  const stopping = new AbortController();
  // Every webhook that waits for another attempt listens for the end.
  setMaxListeners(0, stopping.signal);
  let pending = 0;
  const deliver = async (webhook: WebhookPost): Promise<boolean> => {
    for (let attempt = 1; ; attempt += 1) {
      const result = await attemptPost(webhook, { agents, timeoutMs: options.timeoutMs });
      if (stopping.signal.aborted) return false;
      webhook.onAttempt({ attempt, ...result });
      if (result.status === 200) return true;
      const delay = options.retryDelaysMs[attempt - 1];
      if (delay === undefined || !(await pause(delay, stopping.signal))) return false;
    }
  };
  return {
    async post(webhook) {
      pending += 1;
      try {
        return await deliver(webhook);
      } finally {
        pending -= 1;
      }
    },
    pending: () => pending,
    stop() {
      stopping.abort();
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

interface Connection {
  agents: { "http:": HttpAgent; "https:": HttpsAgent };
  timeoutMs: number;
}

function attemptPost(
  webhook: WebhookPost,
  connection: Connection,
): Promise<{ status?: number; error?: string }> {
  const { agents, timeoutMs } = connection;
  const url = new URL(webhook.url);
  const [send, agent] =
    url.protocol === "https:" ? [httpsRequest, agents["https:"]] : [httpRequest, agents["http:"]];
  return new Promise((resolve) => {
    const headers = { "Content-Length": webhook.body.length, ...webhook.headers() };
    const request = send(url, { method: "POST", agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode ?? 0 }));
      response.on("error", (error) => resolve({ error: codeOf(error) }));
    });
    request.setTimeout(timeoutMs, () => request.destroy(new Error("no answer in time")));
    request.on("error", (error) => resolve({ error: codeOf(error) }));
    request.end(webhook.body);
  });
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

/** False when stopped meanwhile. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve(true);
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
