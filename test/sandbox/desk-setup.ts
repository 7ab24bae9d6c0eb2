import { startDesk } from "../../src/sandbox/desk/server.ts";
import type { DeskOptions } from "../../src/sandbox/desk/world.ts";
import { call, startCallback } from "./callback-server.ts";

export const DESK_TOKEN = "desk-token";
export const DESK_SECRET = "desk-secret";

/** A sandbox helpdesk with a callback behind it. */
export async function startDeskPair(options: Partial<DeskOptions> = {}) {
  const callback = await startCallback();
  const desk = await startDesk({
    token: DESK_TOKEN,
    webhookSecret: DESK_SECRET,
    callbackUrl: callback.url,
    retryDelaysMs: [5, 5],
    ...options,
  });
  const request = (base: string, token: string) => (method: string, path: string, json?: unknown) =>
    call(`${desk.url}${base}${path}`, { method, token, ...(json === undefined ? {} : { json }) });
  return {
    desk,
    callback,
    api: request("/api", DESK_TOKEN),
    staff: request("/sandbox", ""),
    /** Contents of the webhooks caught so far. */
    changes: () =>
      callback.caught.map(
        ({ body }) => JSON.parse(body.toString("utf8")) as Record<string, Record<string, unknown>>,
      ),
    async stop() {
      await desk.stop();
      await callback.stop();
    },
  };
}

export type DeskPair = Awaited<ReturnType<typeof startDeskPair>>;

/** A contact and a ticket made through the API; the ticket's id. */
export async function openTicket(pair: DeskPair, externalId = "deskferry/city/a1/1"): Promise<string> {
  const contact = await pair.api("PUT", "/contacts", { external_id: "whatsapp:+447700900123", name: "Ana" });
  const contactId = (contact.body as { id: string }).id;
  const fresh = { external_id: externalId, contact_id: contactId, subject: "Street light" };
  return ((await pair.api("POST", "/tickets", fresh)).body as { id: string }).id;
}
