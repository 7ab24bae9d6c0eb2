import { describe, expect, it } from "vitest";
import type { TemplateInfo } from "../../src/domain/template.ts";
import { PluginError } from "../../src/sdk/index.ts";
import { ticketChanged } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";
import { templateInfo } from "./template-info.ts";

const solved = templateInfo("solved");

/** The fake mapper wants the template solved (en) with one parameter; `account` is what WhatsApp would list. */
async function setUp() {
  const setup = await setUpOutbound();
  const account: { has: TemplateInfo[] | "refuses"; asked: number } = { has: [solved], asked: 0 };
  setup.tools.channel = {
    ...setup.whatsapp.channel,
    listTemplates: async () => {
      account.asked++;
      if (account.has === "refuses") {
        throw new PluginError({ kind: "unavailable", operatorMessage: "list the templates: no" });
      }
      return account.has;
    },
  };
  const store = (has: TemplateInfo[]) =>
    setup.store.templates.replace(setup.key.channel, has, setup.clock.now());
  return { setup, account, store };
}

const names = ({ whatsapp }: OutboundSetup) =>
  whatsapp.sent.map(({ outbound }) =>
    outbound.kind === "template" ? outbound.template.name : outbound.kind,
  );

describe("P14, P15: the stored copy of the account's templates", () => {
  it("lets what fits go out without asking the account", async () => {
    const { setup, account, store } = await setUp();
    await store([solved]);
    for (let n = 0; n < 3; n++) await setup.change(ticketChanged());
    expect(names(setup)).toHaveLength(3);
    expect(account.asked).toBe(0);
  });

  it("never refuses on an old word: an approval that we have not heard of counts", async () => {
    const { setup, account, store } = await setUp();
    await store([{ ...solved, status: "PENDING" }]);
    setup.clock.advance(60_000);
    await setup.change(ticketChanged());
    expect(names(setup)).toEqual(["solved"]);
    expect(account.asked).toBe(1);
  });

  it("refuses by the account's fresh word, with a note and a dead letter, and asks once for many", async () => {
    const { setup, account, store } = await setUp();
    account.has = [];
    await store([]);
    setup.clock.advance(60_000);
    for (let n = 0; n < 5; n++) {
      expect(await failureOf(setup.change(ticketChanged()))).toMatchObject({
        kind: "rejected",
        retryable: false,
      });
    }
    expect(account.asked).toBe(1);
    expect(setup.notes.size).toBe(5);
    expect(setup.whatsapp.script.calls).toEqual([]);
  });

  it("leaves it to WhatsApp when the account cannot be asked", async () => {
    const { setup, account, store } = await setUp();
    await store([]);
    account.has = "refuses";
    setup.clock.advance(60_000);
    await setup.change(ticketChanged());
    expect(names(setup)).toEqual(["solved"]);
  });

  it("has a new version go out as soon as the copy has it", async () => {
    const { setup, store } = await setUp();
    await store([solved, { ...solved, name: "solved_v2", status: "PENDING" }]);
    await setup.change(ticketChanged());
    await store([solved, { ...solved, name: "solved_v2" }]);
    await setup.change(ticketChanged());
    expect(names(setup)).toEqual(["solved", "solved_v2"]);
  });
});
