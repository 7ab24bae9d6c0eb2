import type { Connector, ConnectorCapabilities, ConnectorDefinition } from "deskferry/sdk";
import { expect, it } from "vitest";
import { z } from "zod";
import { settingsGroup } from "../../src/sdk/testing/settings-group.ts";
import acme from "../../templates/connector/connector/index.ts";

const exampleSettings = { url: "http://desk.example.org", token: "t", webhookSecret: "s-0123456789abcdef" };

function exampleOf(definition: ConnectorDefinition): Connector {
  const never = () => Promise.reject(new Error("no server"));
  const quiet = () => undefined;
  return definition.create(acme.config.parse(exampleSettings), {
    http: () => ({ request: never, download: never }),
    log: { debug: quiet, info: quiet, warn: quiet },
    clock: { now: () => 0 },
  });
}

/** The test of that name, for a definition or an example that differs from the starting connector's. */
function testOf(name: string, more: Partial<ConnectorDefinition>, example = exampleOf(acme)) {
  const tests = new Map<string, () => Promise<void>>();
  settingsGroup.define({
    definition: { ...acme, ...more },
    exampleSettings,
    example,
    afterAll: () => undefined,
    test: (title, run) => tests.set(title, () => run(undefined as never)),
  });
  const run = tests.get(name);
  if (!run) throw new Error(`no test is called ${name}`);
  return run();
}

const AGREES = "what it declares and what it can do agree";
function declaring(capabilities: Partial<ConnectorCapabilities>, lacks: (keyof Connector)[] = []) {
  const example = exampleOf(acme);
  const kept = Object.entries(example).filter(([name]) => !lacks.includes(name as keyof Connector));
  const connector = Object.fromEntries(kept) as unknown as Connector;
  return testOf(AGREES, {}, { ...connector, capabilities: { ...example.capabilities, ...capabilities } });
}

const classB = (settleMs: number) => ({ idempotency: { class: "B", settleMs } as const });
const hold = { idempotency: { class: "C", onUnclear: "hold" } as const };

it.each<
  [what: string, capabilities: Partial<ConnectorCapabilities>, lacks: (keyof Connector)[], says: string]
>([
  ["an unknown field", { unsupportedTicketFields: ["colour" as "tags"] }, [], "tickets have no field colour"],
  ["class B without findTicket", classB(0), ["findTicket"], "class B needs findTicket"],
  ["class B without findComment", classB(0), ["findComment"], "class B needs findComment"],
  ["a time below nought", classB(-1), [], "settleMs is negative"],
  ["push that it cannot verify", { changes: ["push"] }, ["verifyWebhook"], "push needs verifyWebhook"],
  ["polls without a list", { changes: ["poll"] }, ["listChanges"], "poll needs listChanges"],
  ["no way for changes", { changes: [] }, [], "changes arrive neither by push nor by poll"],
  ["half a byte", { maxAttachmentBytes: 0.5 }, [], "maxAttachmentBytes"],
  ["fewer bytes than none", { maxAttachmentBytes: -1 }, [], "maxAttachmentBytes"],
  [
    "a limit without what is left",
    { rateLimitHeaders: { limit: "x-limit" } },
    [],
    "rateLimitHeaders name none",
  ],
  ["a limit with capitals", { rateLimitHeaders: { limit: "X-Limit", remaining: "x" } }, [], "X-Limit"],
  ["what is left with capitals", { rateLimitHeaders: { remaining: "X-Left" } }, [], "X-Left"],
  ["usage with capitals", { rateLimitHeaders: { usage: "Usage" } }, [], "Usage"],
  ["a reset with capitals", { rateLimitHeaders: { usage: "u", reset: "Reset" } }, [], "Reset"],
])("a connector that declares %s contradicts itself", async (_what, capabilities, lacks, says) => {
  await expect(declaring(capabilities, lacks)).rejects.toThrow(says);
});

it.each<[what: string, capabilities: Partial<ConnectorCapabilities>, lacks: (keyof Connector)[]]>([
  ["all that it has", {}, []],
  ["fields that tickets have", { unsupportedTicketFields: ["tags", "due"] }, []],
  ["class C and no look-ups", hold, ["findTicket", "findComment"]],
  ["class B that is seen at once", classB(0), []],
  ["class B of tickets only", { ...classB(5), messages: "tickets" }, ["findComment"]],
  ["polls and verifies nothing", { changes: ["poll"] }, ["verifyWebhook"]],
  ["push and lists nothing", { changes: ["push"] }, ["listChanges"]],
  ["one way, as messages become tickets", { changes: [], messages: "tickets" }, []],
  ["no files", { maxAttachmentBytes: 0 }, []],
  ["what is left", { rateLimitHeaders: { remaining: "x-left" } }, []],
  ["usage", { rateLimitHeaders: { usage: "x-usage", limit: "x-limit", reset: "x-reset" } }, []],
])("a connector may declare %s", async (_what, capabilities, lacks) => {
  await expect(declaring(capabilities, lacks)).resolves.toBeUndefined();
});

const NAME = "the name is in kebab-case and the label is for people";
it.each(["a", "acme", "acme-desk", "a1-2b"])("%s is a name", async (name) => {
  await expect(testOf(NAME, { name })).resolves.toBeUndefined();
});
it.each(["", "Acme", "acme_desk", "-acme", "acme-", "acme--desk", "1acme", "acme desk", "acmé"])(
  "%j is no name",
  async (name) => {
    await expect(testOf(NAME, { name })).rejects.toThrow();
  },
);
it("blanks are no label", async () => {
  await expect(testOf(NAME, { label: "  " })).rejects.toThrow();
});

const SECRET = "tokens, passwords and secrets are marked as secret";
it.each(["token", "apiTokens", "secret", "clientSecret", "password", "apiKey", "api_key", "privateKey"])(
  "%s has to be secret",
  async (name) => {
    const open = { config: z.object({ [name]: z.string() }) };
    await expect(testOf(SECRET, open)).rejects.toThrow(`the setting ${name} is not marked with secret()`);
    const hidden = { config: z.object({ [name]: z.string().meta({ secret: true }) }) };
    await expect(testOf(SECRET, hidden)).resolves.toBeUndefined();
  },
);
it.each(["tokenUrl", "secretary", "key"])("%s need not be secret", async (name) => {
  await expect(testOf(SECRET, { config: z.object({ [name]: z.string() }) })).resolves.toBeUndefined();
});

it.each<[test: string, config: z.ZodType, says: string]>([
  ["the example settings are accepted", z.object({ port: z.number() }), "port"],
  [
    "a setting that is missing is refused by its name",
    z.object({ url: z.string() }).catch({ url: "" }),
    "url: the settings were accepted",
  ],
  [
    "a setting that does not exist is refused",
    z.object({ url: z.string() }),
    "noSuchSetting: the settings were accepted",
  ],
  ["a setting that does not exist is refused", z.number(), "the refusal does not name noSuchSetting"],
  ["every setting says what it is", z.object({ url: z.string() }), "the setting url has no description"],
])("%s: the wrong schema %#", async (name, config, says) => {
  await expect(testOf(name, { config })).rejects.toThrow(says);
});
