import { expect, it } from "vitest";
import { problemOf } from "../../src/channels/cloud-api/errors.ts";
import { signature } from "../http/http-setup.ts";
import { commentAdded } from "../support/builders.ts";
import type { Taken } from "../support/fake-channel.ts";
import { until } from "../support/until.ts";
import { APP_SECRET, NUMBER, setUpApp } from "./app-setup.ts";

/** Meta's webhook that a message it took did not go out, because the window had closed. */
function refusalOf({ messageId, callbackData }: Taken): string {
  const status = {
    id: messageId,
    status: "failed",
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: "447700900123",
    biz_opaque_callback_data: callbackData,
    errors: [{ code: 131047, title: "Re-engagement message" }],
  };
  const value = { messaging_product: "whatsapp", metadata: { phone_number_id: NUMBER }, statuses: [status] };
  const entry = [{ id: "1", changes: [{ field: "messages", value }] }];
  return JSON.stringify({ object: "whatsapp_business_account", entry });
}

it("R40: a reply that WhatsApp took and refused later goes out as the reply template, once, and staff are told", async () => {
  const setup = await setUpApp();
  const { desk, whatsapp, config } = setup;
  whatsapp.channel.explainError = ({ code }) => problemOf(code);
  for (const route of config.routes)
    route.replyTemplate = { name: "staff_reply", language: "en", parameters: ["text"] };
  const app = await setup.start();
  await setup.write(app, "The street light is broken");
  await until("the comment", () => desk.comments.length === 1);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  const { id, externalId } = ticket;
  await setup.report(app, [commentAdded({ ticket: { id, externalId }, body: "We are on our way" })]);
  await until("the reply", () => whatsapp.sent.length === 1);

  const [taken] = whatsapp.sent;
  if (!taken) throw new Error("nothing was sent");
  const body = refusalOf(taken);
  for (let times = 0; times < 2; times++) {
    const headers = { "X-Hub-Signature-256": signature(body, APP_SECRET) };
    const url = `http://127.0.0.1:${app.port}/webhooks/channels/${setup.channel}`;
    expect((await fetch(url, { method: "POST", body, headers })).status).toBe(200);
  }
  await until("the template and the note", () => whatsapp.sent.length === 2 && desk.comments.length === 2);
  expect(whatsapp.sent[1]?.outbound).toEqual({
    kind: "template",
    template: { name: "staff_reply", language: "en", body: ["We are on our way"] },
  });
  expect(desk.comments[1]).toMatchObject({
    visibility: "internal",
    body: "A WhatsApp message did not arrive: the person last wrote more than 24 hours ago. It is sent again as a template.",
  });
}, 30_000);
