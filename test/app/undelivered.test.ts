import { expect, it } from "vitest";
import { commentAdded } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("P12: a reply without word that it was delivered is told on the ticket, by whichever process works then", async () => {
  const setup = await setUpApp();
  const { desk, whatsapp } = setup;
  const [route] = setup.config.routes;
  if (route) route.undelivered = { tellAfterHours: 0.0001, giveUpAfterHours: 720 };
  const first = await setup.start();
  await setup.write(first, "The street light is broken");
  await until("the comment", () => desk.comments.length === 1);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  const { id, externalId } = ticket;
  await setup.report(first, [commentAdded({ ticket: { id, externalId }, body: "We are on our way" })]);
  await until("the reply", () => whatsapp.sent.length === 1);
  await first.stop();
  await setup.start("intake");
  const due = Date.now() + 500;
  await until("it to be due", () => Date.now() > due);
  expect(desk.comments).toHaveLength(1);
  await setup.start("worker");
  await until("the note", () => desk.comments.length === 2);
  expect(desk.comments[1]).toMatchObject({
    visibility: "internal",
    body: expect.stringMatching(/^The WhatsApp message of .* UTC has not been delivered so far/),
  });
}, 30_000);
