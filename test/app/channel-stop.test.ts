import { expect, it } from "vitest";
import { commentAdded } from "../support/builders.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("R45: a channel that WhatsApp refuses shows in the figures, and goes on by itself once it is mended", async () => {
  const setup = await setUpApp();
  const { desk, whatsapp } = setup;
  const app = await setup.start();
  const figures = async () => (await fetch(`http://127.0.0.1:${app.port}/metrics`)).text();
  const stopped = `deskferry_channel_stopped{channel="${setup.channel}",reason="auth"} 1`;
  await setup.write(app, "The street light is broken");
  await until("the comment", () => desk.comments.length === 1);
  const [ticket] = desk.tickets;
  if (!ticket) throw new Error("there is no ticket");
  whatsapp.script.always("send", fails("auth"));
  const { id, externalId } = ticket;
  await setup.report(app, [commentAdded({ ticket: { id, externalId }, body: "We are on our way" })]);
  await until("the stop", async () => (await figures()).includes(stopped));
  expect(whatsapp.sent).toEqual([]);

  whatsapp.script.always("send", "ok");
  await until("the reply", () => whatsapp.sent.length === 1);
  await until("the end of the stop", async () => !(await figures()).includes(stopped));
  expect(await figures()).toContain(
    `deskferry_send_problems_total{channel="${setup.channel}",action="stop_channel",by="answer"}`,
  );
}, 30_000);
