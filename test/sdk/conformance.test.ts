import { type ConnectorDefinition, defineConnector } from "deskferry/sdk";
import { connectorConformance } from "deskferry/sdk/testing";
import { describe, expect, it } from "vitest";
import acme from "../../templates/connector/connector/index.ts";
import { startAcmeServer, token, webhookSecret } from "../../templates/connector/test/acme-server.ts";
import { collectSuite } from "./collected-suite.ts";
import { disobedient } from "./disobedient.ts";
import { fetchingFaults } from "./disobedient-fetching.ts";
import { ticketFaults } from "./disobedient-tickets.ts";

const exampleSettings = { url: "http://desk.example.org", token, webhookSecret };
const start = async () => (await startAcmeServer()).harness();

/** The suite for a connector, in a runner of our own. */
function suiteFor(definition: ConnectorDefinition) {
  return collectSuite((runner) => connectorConformance(runner, { definition, exampleSettings, start }));
}

describe("the conformance suite", () => {
  for (const { does, define, caught } of [...disobedient, ...fetchingFaults, ...ticketFaults]) {
    it(`catches a connector that ${does}`, async () => {
      const { passed, failed } = await suiteFor(define(acme)).run(caught);
      expect(passed, "it passed").toEqual([]);
      expect(failed).not.toEqual([]);
    }, 60_000);
  }

  it("has a connector that is wrong for each of its groups", () => {
    const groupOf = (name: string) => name.split(" > ")[1];
    const { names } = suiteFor(acme);
    const wrong = [...disobedient, ...fetchingFaults].flatMap(({ caught }) => {
      const tests = names.filter((name) => name.includes(caught));
      expect(tests, `no test is called "${caught}"`).not.toEqual([]);
      return tests.map(groupOf);
    });
    expect([...new Set(names.map(groupOf))].filter((group) => !wrong.includes(group))).toEqual([]);
  });

  it("tells with a reason which groups it leaves out", async () => {
    const poor = defineConnector({
      ...acme,
      create(config, tools) {
        const { verifyWebhook: _, fetchAttachment: __, ...connector } = acme.create(config, tools);
        const idempotency = { class: "C", onUnclear: "hold" } as const;
        const capabilities = { ...connector.capabilities, idempotency, maxAttachmentBytes: 0 };
        return { ...connector, capabilities: { ...capabilities, changes: ["poll"] } };
      },
    });
    const collected = collectSuite((runner) =>
      connectorConformance(runner, {
        definition: poor,
        exampleSettings,
        start,
        skip: { texts: "tested elsewhere" },
      }),
    );
    const { skipped, failed, passed } = await collected.run("settings");
    expect(skipped).toEqual([
      "Acme Desk as a connector > attachments: the connector attaches no files",
      "Acme Desk as a connector > fetching: files of replies stay in the helpdesk",
      "Acme Desk as a connector > texts: tested elsewhere",
      "Acme Desk as a connector > recovery: class C cannot tell what became of a request",
      "Acme Desk as a connector > webhooks: changes are not pushed",
      "Acme Desk as a connector > webhook age: changes are not pushed",
    ]);
    expect(failed).toEqual([]);
    expect(passed.length).toBeGreaterThan(0);
  });

  it("fails when the server under test does not start", async () => {
    const broken = async () => Promise.reject(new Error("no server"));
    const collected = collectSuite((runner) =>
      connectorConformance(runner, { definition: acme, exampleSettings, start: broken }),
    );
    await expect(collected.run()).rejects.toThrow("no server");
  });
});
