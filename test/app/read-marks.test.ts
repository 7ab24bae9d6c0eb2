import { expect, it } from "vitest";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("a route with readMarks: received shows people blue ticks once their message stands in the helpdesk", async () => {
  const setup = await setUpApp({ readMarks: "received" });
  const { desk, whatsapp } = setup;
  const app = await setup.start();
  await setup.write(app, "The street light is broken");
  await until("the blue ticks", () => whatsapp.read.length === 1);
  expect(desk.comments).toHaveLength(1);
  expect(whatsapp.read[0]).toMatch(/^wamid\./);
}, 30_000);
