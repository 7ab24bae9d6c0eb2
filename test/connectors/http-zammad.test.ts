import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import http from "../../connectors/http/index.ts";
import { toPluginExpressions } from "../../src/app/plugin-expressions.ts";
import { createExpressions } from "../../src/mapping/expressions.ts";
import { connectionIn } from "./home-grown-http.ts";
import { zammadHarness } from "./zammad-harness.ts";
import { ATTRIBUTE, SECRET, startZammad, TOKEN } from "./zammad-server.ts";

const folder = mkdtempSync(join(tmpdir(), "zammad-"));
const file = join(folder, "deskferry.yaml");
const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync("docs/http-connector.md", "utf8")) ?? [];
writeFileSync(file, example);
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (url: string) =>
  connectionIn(file, { ZAMMAD_URL: url, ZAMMAD_TOKEN: TOKEN, ZAMMAD_HOOK_SECRET: SECRET });

describe("Zammad by the guide's settings (no specification of its API is published: by its documentation)", () => {
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: http,
      exampleSettings: settings("https://zammad.example.org"),
      start: async () => {
        // The guide says that people are searched for, and what it means that the search of people lags as well.
        const server = await startZammad({ userIndexLagMs: 0 });
        const expressions = createExpressions();
        const harness = zammadHarness(server, {
          settings,
          keyOf: (user) => user[ATTRIBUTE],
          fileId: (article, file) => `${article.ticket_id}/${article.id}/${file}`,
        });
        const stop = async () => void (await Promise.all([expressions.close(), server.stop()]));
        return { ...harness, expressions: toPluginExpressions(expressions), stop };
      },
      skip: { "webhook age": "Zammad signs no time" },
    },
  );
});
