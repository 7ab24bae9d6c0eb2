import { describe, expect, it } from "vitest";
import { PluginError } from "../../src/sdk/index.ts";
import { commentAdded, ticketChanged } from "../support/builders.ts";
import { type OutboundSetup, setUpOutbound, ticketOf } from "./outbound-setup.ts";

const DAY_MS = 24 * 3_600_000;
const MINUTES_5 = 5 * 60_000;

/** Whether WhatsApp takes a text at this age of the person's message, and by how much our clock is ahead. */
const edges = [DAY_MS - 2000, DAY_MS + 2000].flatMap((age) =>
  [-MINUTES_5, -1000, 0, 1000, MINUTES_5].map((ahead) => ({ age, ahead })),
);

/** WhatsApp judges by its own clock; ours shows another time. The person wrote `age` ago by WhatsApp's. */
async function setUpEdge(age: number, ahead: number): Promise<OutboundSetup> {
  const setup = await setUpOutbound({
    rules: {
      confirmation: ({ window }) =>
        window === "open"
          ? { text: "Solved" }
          : { template: { name: "solved", language: "en", body: ["ticket-1"] } },
    },
  });
  const { channel } = setup.whatsapp;
  setup.tools.channel = {
    ...channel,
    send: async (request) => {
      if (request.outbound.kind === "text" && age >= DAY_MS) {
        throw new PluginError({ kind: "window_closed", code: 131047, operatorMessage: "closed" });
      }
      return channel.send(request);
    },
  };
  setup.clock.advance(age + ahead);
  return setup;
}

const kinds = ({ whatsapp }: OutboundSetup) => whatsapp.sent.map(({ outbound }) => outbound.kind);

describe("R46: at the edge of the window, with a clock that is off", () => {
  it.each(edges)("$age ms after the message, $ahead ms ahead: a reply", async ({ age, ahead }) => {
    const setup = await setUpEdge(age, ahead);
    const event = commentAdded();
    await setup.comment(event);
    await setup.comment(event);
    expect(kinds(setup)).toEqual([age < DAY_MS ? "text" : "template"]);
    expect(setup.notes.size).toBe(0);
  });

  it.each(edges)("$age ms after the message, $ahead ms ahead: a confirmation", async ({ age, ahead }) => {
    const setup = await setUpEdge(age, ahead);
    const event = ticketChanged({ ticket: ticketOf(setup.key) });
    await setup.change(event);
    await setup.change(event);
    expect(kinds(setup)).toEqual([age < DAY_MS ? "text" : "template"]);
    expect(setup.notes.size).toBe(0);
  });

  it("a repeat after a crash behind the template does not ask the mapping for a text again", async () => {
    const setup = await setUpEdge(DAY_MS + 2000, 0);
    const event = ticketChanged({ ticket: ticketOf(setup.key) });
    await setup.change(event);
    setup.mapper.inputs.length = 0;
    await setup.change(event);
    expect(setup.mapper.inputs).toMatchObject([{ input: { window: "closed" } }]);
    expect(setup.whatsapp.sent).toHaveLength(1);
  });
});
