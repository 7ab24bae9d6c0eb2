import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import connector from "../../connectors/znuny/index.ts";
import { startZnuny, znunyMissing } from "../../scripts/znuny.ts";
import { znunyHarness } from "./znuny-harness.ts";

const missing = znunyMissing();
if (missing) {
  console.log(missing);
  describe.skip(`Znuny 6.5 as a connector: ${missing}`, () => {
    it("needs a Znuny", () => undefined);
  });
} else {
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: connector,
      exampleSettings: {
        url: "https://znuny.example.org/otrs",
        username: "deskferry",
        password: "an-example-of-a-password",
        queue: "WhatsApp",
        webhookSecret: "an-example-of-a-secret",
      },
      start: async () => znunyHarness(await startZnuny()),
    },
  );
}
