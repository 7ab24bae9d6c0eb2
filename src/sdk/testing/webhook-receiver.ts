import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebhookRequest } from "../webhook-request.ts";
import { eventually } from "./bench.ts";
import { readAll } from "./fault-proxy.ts";

/** Takes in webhooks on loopback, as Deskferry's own server would. */
export interface WebhookReceiver {
  url: string;
  /** All so far, oldest first. */
  received: readonly WebhookRequest[];
  /** Resolves with what is found for the first request that has it; undefined when the time is over. */
  first<T>(
    find: (request: WebhookRequest) => T | undefined | Promise<T | undefined>,
    withinMs: number,
  ): Promise<T | undefined>;
  stop(): Promise<void>;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: WebhookRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void readAll(incoming).then((body) => {
      const { searchParams } = new URL(incoming.url ?? "/", "http://localhost");
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(", ") : value,
        ]),
      );
      received.push({ headers, query: Object.fromEntries(searchParams), body });
      outgoing.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/connections/conformance`,
    received,
    first: (find, withinMs) =>
      eventually(async () => {
        for (const request of received) {
          const found = await find(request);
          if (found !== undefined) return found;
        }
        return undefined;
      }, withinMs),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
