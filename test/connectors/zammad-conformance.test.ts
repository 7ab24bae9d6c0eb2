import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import zammad from "../../connectors/zammad/index.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";
import { zammadHarness } from "./zammad-harness.ts";
import { DESKFERRY, SECRET, startZammad, TOKEN } from "./zammad-server.ts";

/** What a login stands for: `^55` is the letter U, which Zammad would make small. */
const readAs = (login: string) =>
  decodeURIComponent(login.replaceAll("%", "%25").replace(/\^([0-9a-f]{2})/g, "%$1"));

const kinds: [string, object][] = [
  ["with a signed webhook", { webhookSecret: SECRET }],
  ["that is polled", {}],
];

const start = async (more: object) =>
  zammadHarness(await startZammad(), {
    settings: (url) => ({ url, token: TOKEN, account: String(DESKFERRY), ...more }),
    keyOf: ({ wanted = "" }) => readAs(wanted),
    fileId: (article, file) => `${article.id}/${file}`,
  });

for (const [name, more] of kinds) {
  describe(`a Zammad ${name}, by its documentation and source: no description of its API is published`, () => {
    connectorConformance(
      { describe, it, beforeAll, afterAll },
      {
        definition: zammad,
        exampleSettings: { url: "https://zammad.example.org", token: "an-example", account: "3", ...more },
        start: () => start(more),
      },
    );
  });
}

describe("a Zammad, however its changes come", () => {
  resetAfterCommit({ definition: zammad, start: () => start({}), conversations: 500 });
});
