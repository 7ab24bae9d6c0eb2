import { describe, expect, it } from "vitest";
import type { TemplateInfo } from "../../src/domain/template.ts";
import { collectFacts, type Known } from "../../src/outbound/collect-facts.ts";
import { decide } from "../../src/outbound/decide.ts";
import type { Wanted } from "../../src/outbound/plan/facts.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { setUpOutbound } from "./outbound-setup.ts";
import { templateInfo } from "./template-info.ts";

const template = (name: string) => ({ template: { name, language: "en", body: ["7"] } });
const solved: Wanted = { kind: "confirmation", record: template("solved") };
const reply = { text: "Hello", ticket: "7", name: undefined, agent: undefined };

/** An account that lists these templates when asked, and what is known of the conversation. */
async function setUp(account: TemplateInfo[] | Error | "cannot list" = []) {
  const setup = await setUpOutbound();
  const { tools, key, clock, store } = setup;
  const asked = { times: 0 };
  if (account !== "cannot list") {
    tools.channel = {
      ...tools.channel,
      listTemplates: async () => {
        asked.times++;
        if (account instanceof Error) throw account;
        return account;
      },
    };
  }
  const known = (): Known => ({
    now: clock.now(),
    earlier: { parts: 0 },
    lastMessageAt: undefined,
    lastMessageId: undefined,
    freeUntil: undefined,
  });
  return {
    ...setup,
    asked,
    stored: (infos: TemplateInfo[]) => store.templates.replace(key.channel, infos, clock.now()),
    decideOn: (wanted: Wanted) => decide(wanted, known(), key, tools),
    factsOf: (wanted: Wanted, more: object = {}) => collectFacts(wanted, known(), key, { ...tools, ...more }),
  };
}

const names = (verdict: { send: readonly object[] }) =>
  verdict.send.map((one) => JSON.stringify(one)).map((text) => /"name":"([a-z_]+)"/.exec(text)?.[1]);

describe("P15: what the stored copy of the account's templates refuses", () => {
  it("is refused without a question for ten seconds after the account was asked, and no longer", async () => {
    const { stored, decideOn, clock, asked } = await setUp([templateInfo("solved")]);
    await stored([]);
    clock.advance(9_999);
    expect(await decideOn(solved)).toMatchObject({ send: [], byAccount: true });
    expect(asked.times).toBe(0);
    clock.advance(30_000);
    const verdict = await decideOn(solved);
    expect([names(verdict), asked.times]).toEqual([["solved"], 1]);
  });

  it("is asked for anew at once when something has changed since", async () => {
    const { stored, decideOn, clock, asked, store, key } = await setUp([templateInfo("solved")]);
    await stored([]);
    clock.advance(5000);
    await store.templates.markStale(key.channel, clock.now());
    clock.advance(1);
    expect([names(await decideOn(solved)), asked.times]).toEqual([["solved"], 1]);
  });

  it("waits while another asks because of a change", async () => {
    const { stored, decideOn, clock, asked, store, key } = await setUp([templateInfo("solved")]);
    await stored([]);
    clock.advance(20_000);
    await store.templates.claimRefresh(key.channel, 1000, clock.now());
    await store.templates.markStale(key.channel, clock.now());
    await expect(decideOn(solved)).rejects.toMatchObject({ kind: "waiting", retryAfterMs: 1000 });
    expect(asked.times).toBe(0);
  });

  it("is left to WhatsApp where the account cannot be asked; a fault of ours is none of its", async () => {
    const refusing = await setUp(new PluginError({ kind: "unavailable", operatorMessage: "no" }));
    await refusing.stored([]);
    refusing.clock.advance(60_000);
    expect(names(await refusing.decideOn(solved))).toEqual(["solved"]);
    const broken = await setUp(new TypeError("odd"));
    await broken.stored([]);
    broken.clock.advance(60_000);
    await expect(broken.decideOn(solved)).rejects.toThrow(TypeError);
  });

  it("is left to WhatsApp where the copy is old and the account was asked in vain just now", async () => {
    const { stored, decideOn, clock, asked, store, key } = await setUp([templateInfo("solved")]);
    await stored([]);
    clock.advance(3_600_000);
    await store.templates.claimRefresh(key.channel, 36_000, clock.now());
    expect([names(await decideOn(solved)), asked.times]).toEqual([["solved"], 0]);
  });

  it("is not asked about where it allows what is wanted, however old it is", async () => {
    const { stored, decideOn, clock, asked } = await setUp([]);
    await stored([templateInfo("solved")]);
    clock.advance(3_600_000);
    expect([names(await decideOn(solved)), asked.times]).toEqual([["solved"], 0]);
  });
});

describe("the templates that a decision looks at", () => {
  const found = async (wanted: Wanted, more: object = {}, account: [] | "cannot list" = []) => {
    const { stored, factsOf } = await setUp(account);
    await stored([
      templateInfo("solved"),
      templateInfo("closed"),
      templateInfo("closed_v2"),
      templateInfo("staff_reply"),
      templateInfo("other"),
    ]);
    return (await factsOf(wanted, more)).templates?.map(({ name }) => name).sort();
  };

  it.each<[string, Wanted, object, string[] | undefined]>([
    ["the reply's", { kind: "reply", reply }, {}, ["staff_reply"]],
    ["none of a reply that has none", { kind: "reply", reply }, { replyTemplate: undefined }, undefined],
    ["none of a file", { kind: "file", canFetch: true }, {}, undefined],
    ["the confirmation's", solved, {}, ["solved"]],
    [
      "its fallbacks', in all their versions",
      {
        kind: "confirmation",
        record: { ...template("solved"), fallback: [template("closed"), { text: "Done" }] },
      },
      {},
      ["closed", "closed_v2", "solved"],
    ],
    [
      "none of a confirmation in free text",
      { kind: "confirmation", record: { text: "Done" } },
      {},
      undefined,
    ],
    ["none of no confirmation", { kind: "confirmation", record: null }, {}, undefined],
  ])("are %s", async (_name, wanted, more, expected) => {
    expect(await found(wanted, more)).toEqual(expected);
  });

  it("are not known of a channel that cannot list them, nor before the account was first asked", async () => {
    expect(await found(solved, {}, "cannot list")).toBeUndefined();
    const { factsOf } = await setUp([]);
    expect((await factsOf(solved)).templates).toBeUndefined();
  });

  it("are as webhooks have told since, not as they told before the account was asked", async () => {
    const { stored, factsOf, clock, store, key } = await setUp([]);
    const note = (status: string) =>
      store.templates.note(
        key.channel,
        { name: "solved", language: "en", status, at: clock.iso() },
        clock.now(),
      );
    const status = async () => (await factsOf(solved)).templates?.[0]?.status;
    await note("PAUSED");
    clock.advance(1000);
    await stored([templateInfo("solved")]);
    expect(await status()).toBe("APPROVED");
    clock.advance(1000);
    await note("DISABLED");
    expect(await status()).toBe("DISABLED");
  });
});
