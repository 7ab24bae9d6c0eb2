import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import http from "../../connectors/http/index.ts";
import { harnessOf } from "./home-grown-harness.ts";
import { connectionIn } from "./home-grown-http.ts";
import { startZammad, zammad } from "./http-zammad-server.ts";

const folder = mkdtempSync(join(tmpdir(), "zammad-"));
const file = join(folder, "deskferry.yaml");
const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync("docs/http-connector.md", "utf8")) ?? [];
writeFileSync(file, example);
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (url: string) =>
  connectionIn(file, { ZAMMAD_URL: url, ZAMMAD_TOKEN: zammad.token, ZAMMAD_HOOK_SECRET: zammad.hookSecret });

describe("Zammad by the guide's settings (no specification of its API is published: by its documentation)", () => {
  connectorConformance(
    { describe, it, beforeAll, afterAll },
    {
      definition: http,
      exampleSettings: settings("https://zammad.example.org"),
      start: async () => {
        const server = await startZammad();
        return { ...harnessOf(server, settings), sendWebhooksTo: async (url) => server.setHook(url) };
      },
      skip: { "webhook age": "Zammad signs no time" },
    },
  );
});
