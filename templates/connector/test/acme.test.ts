import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import definition from "../connector/index.ts";
import { startAcmeServer, token, webhookSecret } from "./acme-server.ts";

/** What every connector must do right; the guide docs/add-a-connector.md says what each group asks. */
connectorConformance(
  { describe, it, beforeAll, afterAll },
  {
    definition,
    exampleSettings: { url: "https://acme.example.org", token, webhookSecret },
    start: async () => (await startAcmeServer()).harness(),
  },
);

describe("Acme Desk", () => {
  it("is polled only, without a secret for its webhooks", () => {
    const never = () => Promise.reject(new Error("nobody is called"));
    const quiet = () => undefined;
    const settings = definition.config.parse({ url: "https://acme.example.org", token });
    const connector = definition.create(settings, {
      http: () => ({ request: never, download: never }),
      log: { debug: quiet, info: quiet, warn: quiet },
      clock: { now: Date.now },
    });
    expect(connector.capabilities.changes).toEqual(["poll"]);
  });
});
