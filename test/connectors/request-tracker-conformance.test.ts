import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import connector from "../../connectors/request-tracker/index.ts";
import { requestTrackerMissing, startRequestTracker } from "../../scripts/request-tracker.ts";
import { requestTrackerHarness } from "./request-tracker-harness.ts";
import { REAL_CONVERSATIONS, resetAfterCommit } from "./reset-after-commit.ts";

const missing = requestTrackerMissing();
if (missing) {
  describe.skip(`Request Tracker 5 as a connector: ${missing}`, () => {
    it("needs a Request Tracker", () => undefined);
  });
} else {
  const start = async () => requestTrackerHarness(await startRequestTracker());
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: connector,
      exampleSettings: {
        url: "https://rt.example.org",
        token: "1-23-0123456789abcdef0123456789abcdef",
        username: "deskferry",
        queue: "WhatsApp",
        webhookSecret: "an-example-of-a-secret",
      },
      start,
    },
  );
  resetAfterCommit({ definition: connector, start, conversations: REAL_CONVERSATIONS });
}
