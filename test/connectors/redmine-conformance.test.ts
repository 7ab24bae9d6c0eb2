import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import connector from "../../connectors/redmine/index.ts";
import { redmineMissing, startRedmine } from "../../scripts/redmine.ts";
import { redmineHarness } from "./redmine-harness.ts";
import { REAL_CONVERSATIONS, resetAfterCommit } from "./reset-after-commit.ts";

const missing = redmineMissing();
if (missing) {
  describe.skip(`Redmine 5 as a connector: ${missing}`, () => {
    it("needs a Redmine", () => undefined);
  });
} else {
  const start = async () => redmineHarness(await startRedmine());
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: connector,
      exampleSettings: {
        url: "https://redmine.example.org",
        apiKey: "0123456789abcdef0123456789abcdef01234567",
        project: "whatsapp",
        contactProject: "whatsapp-contacts",
      },
      start,
    },
  );
  resetAfterCommit({ definition: connector, start, conversations: REAL_CONVERSATIONS });
}
