import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import http from "../../connectors/http/index.ts";
import { harnessOf } from "./home-grown-harness.ts";
import { connectionIn } from "./home-grown-http.ts";
import { legacy, startLegacyServer } from "./http-legacy-server.ts";
import { modern, startModernServer } from "./http-modern-server.ts";
import { resetAfterCommit } from "./reset-after-commit.ts";

const runner = { describe, it, beforeAll, afterAll };

const modernSettings = (url: string) =>
  connectionIn("test/connectors/http-modern.yaml", {
    DESK_URL: url,
    DESK_SECRET: modern.clientSecret,
    DESK_HOOK_SECRET: modern.hookSecret,
  });

const legacySettings = (url: string) =>
  connectionIn("test/connectors/http-legacy.yaml", { DESK_URL: url, DESK_PASSWORD: legacy.password });

const startModern = async () => {
  const server = await startModernServer();
  return { ...harnessOf(server, modernSettings), sendWebhooksTo: async (url: string) => server.setHook(url) };
};
const startLegacy = async () => harnessOf(await startLegacyServer(), legacySettings);

describe("a home-grown system with idempotency keys and signed webhooks", () => {
  connectorConformance(runner, {
    definition: http,
    exampleSettings: modernSettings("https://modern.example.org"),
    start: startModern,
  });
  resetAfterCommit({ definition: http, start: startModern, conversations: 500 });
});

describe("a home-grown system with forms, failures as 200 and look-ups that ignore filters", () => {
  connectorConformance(runner, {
    definition: http,
    exampleSettings: legacySettings("https://legacy.example.org"),
    start: startLegacy,
  });
  resetAfterCommit({ definition: http, start: startLegacy, conversations: 500, hasLag: true });
});
