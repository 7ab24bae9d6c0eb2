import { expect, it } from "vitest";
import { ticketChanged } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("P26: STOP by webhook ends the confirmations, and START brings them back", async () => {
  const setup = await setUpApp();
  const { desk, whatsapp } = setup;
  const app = await setup.start();
  const comments = (visibility: string) => desk.comments.filter((one) => one.visibility === visibility);
  await setup.write(app, "The street light is broken");
  await setup.write(app, "Stop!");
  await until("both comments", () => comments("public").length === 2);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  const { id, externalId } = ticket;
  const solve = () => setup.report(app, [ticketChanged({ ticket: { id, externalId, status: "solved" } })]);
  await solve();
  await until("the note", () => comments("internal").length === 1);
  expect(whatsapp.script.calls).toEqual([]);
  expect(comments("internal")).toMatchObject([
    {
      ticketId: id,
      body: "The confirmation of this change was not sent to WhatsApp: the person asked for no more messages.",
    },
  ]);

  await setup.write(app, "start");
  await until("the third comment", () => comments("public").length === 3);
  await solve();
  await until("the confirmation", () => whatsapp.sent.length === 1);
  expect(comments("internal")).toHaveLength(1);
}, 30_000);
