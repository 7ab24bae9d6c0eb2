import { expect, it } from "vitest";
import { commentAdded } from "../support/builders.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("P13: a reply that could not be sent for too long becomes a dead letter, and a note on the ticket", async () => {
  const setup = await setUpApp();
  const { desk, whatsapp } = setup;
  setup.config.queue.giveUpAfterHours = 0.0001;
  const app = await setup.start();
  await setup.write(app, "The street light is broken");
  await until("the comment", () => desk.comments.length === 1);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  whatsapp.script.always("send", fails("unavailable"));
  const { id, externalId } = ticket;
  await setup.report(app, [commentAdded({ ticket: { id, externalId }, body: "We are on our way" })]);
  await until("the note", () => desk.comments.length === 2);
  expect(desk.comments[1]).toMatchObject({
    visibility: "internal",
    body: expect.stringMatching(/^The reply above was not sent to WhatsApp: it was tried again and again/),
  });
  await until("the dead letter", async () => (await setup.store.deadLetters.count(setup.channel)) === 1);
  expect(whatsapp.sent).toEqual([]);
}, 30_000);
