import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import connector from "../../connectors/znuny/index.ts";
import { startZnuny, znunyMissing } from "../../scripts/znuny.ts";
import { REAL_CONVERSATIONS, resetAfterCommit } from "./reset-after-commit.ts";
import { znunyHarness } from "./znuny-harness.ts";

const missing = znunyMissing();
if (missing) {
  console.log(missing);
  describe.skip(`Znuny 6.5 as a connector: ${missing}`, () => {
    it("needs a Znuny", () => undefined);
  });
} else {
  const start = async () => znunyHarness(await startZnuny());
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
      start,
    },
  );
  resetAfterCommit({ definition: connector, start, conversations: REAL_CONVERSATIONS });
}
