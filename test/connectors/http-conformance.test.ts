import type { ConnectorHarness } from "deskferry/sdk/testing";
import { connectorConformance } from "deskferry/sdk/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import http from "../../connectors/http/index.ts";
import { toPluginExpressions } from "../../src/app/plugin-expressions.ts";
import { createExpressions } from "../../src/mapping/expressions.ts";
import { connectionIn } from "./home-grown-http.ts";
import { legacy, startLegacyServer } from "./http-legacy-server.ts";
import { modern, startModernServer } from "./http-modern-server.ts";

const runner = { describe, it, beforeAll, afterAll };

const modernSettings = (url: string) =>
  connectionIn("test/connectors/http-modern.yaml", {
    DESK_URL: url,
    DESK_SECRET: modern.clientSecret,
    DESK_HOOK_SECRET: modern.hookSecret,
  });

const legacySettings = (url: string) =>
  connectionIn("test/connectors/http-legacy.yaml", { DESK_URL: url, DESK_PASSWORD: legacy.password });

type Server = Awaited<ReturnType<typeof startLegacyServer>>;

function harnessOf({ url, desk, staff, stop }: Server, settings: (url: string) => unknown): ConnectorHarness {
  const expressions = createExpressions();
  return {
    serverUrl: url,
    settings,
    ...desk.seen,
    staff,
    expressions: toPluginExpressions(expressions),
    stop: async () => {
      await Promise.all([expressions.close(), stop()]);
    },
  };
}

describe("a home-grown system with idempotency keys and signed webhooks", () => {
  connectorConformance(runner, {
    definition: http,
    exampleSettings: modernSettings("https://modern.example.org"),
    start: async () => {
      const server = await startModernServer();
      return { ...harnessOf(server, modernSettings), sendWebhooksTo: async (url) => server.setHook(url) };
    },
  });
});

describe("a home-grown system with forms, failures as 200 and look-ups that ignore filters", () => {
  connectorConformance(runner, {
    definition: http,
    exampleSettings: legacySettings("https://legacy.example.org"),
    start: async () => harnessOf(await startLegacyServer(), legacySettings),
  });
});
