import { type ConnectorDefinition, defineConnector } from "deskferry/sdk";
import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectSuite } from "./collected-suite.ts";
import { disobedient } from "./disobedient.ts";
import { fetchingFaults } from "./disobedient-fetching.ts";
import { tinyConnector } from "./tiny-connector.ts";
import { startTinyDesk, token, webhookSecret } from "./tiny-desk.ts";

const exampleSettings = { url: "http://desk.example.org", token, webhookSecret };
const start = async () => (await startTinyDesk()).harness();

/** The suite for a connector, in a runner of our own. */
function suiteFor(definition: ConnectorDefinition) {
  return collectSuite((runner) => connectorConformance(runner, { definition, exampleSettings, start }));
}

connectorConformance(
  { describe, it, beforeAll, afterAll },
  { definition: tinyConnector, exampleSettings, start },
);

describe("the conformance suite", () => {
  for (const { does, define, caught } of [...disobedient, ...fetchingFaults]) {
    it(`catches a connector that ${does}`, async () => {
      const { passed, failed } = await suiteFor(define(tinyConnector)).run(caught);
      expect(passed, "it passed").toEqual([]);
      expect(failed).not.toEqual([]);
    });
  }

  it("tells with a reason which groups it leaves out", async () => {
    const poor = defineConnector({
      ...tinyConnector,
      create(config, tools) {
        const { verifyWebhook: _, fetchAttachment: __, ...connector } = tinyConnector.create(config, tools);
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
      "Tiny desk as a connector > attachments: the connector attaches no files",
      "Tiny desk as a connector > fetching: files of replies stay in the helpdesk",
      "Tiny desk as a connector > texts: tested elsewhere",
      "Tiny desk as a connector > recovery: class C cannot tell what became of a request",
      "Tiny desk as a connector > webhooks: changes are not pushed",
      "Tiny desk as a connector > webhook age: changes are not pushed",
    ]);
    expect(failed).toEqual([]);
    expect(passed.length).toBeGreaterThan(0);
  });

  it("fails when the server under test does not start", async () => {
    const broken = async () => Promise.reject(new Error("no server"));
    const collected = collectSuite((runner) =>
      connectorConformance(runner, { definition: tinyConnector, exampleSettings, start: broken }),
    );
    await expect(collected.run()).rejects.toThrow("no server");
  });
});
