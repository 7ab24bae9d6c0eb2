import type { ConnectorHarness } from "deskferry/sdk/testing";
import { toPluginExpressions } from "../../src/app/plugin-expressions.ts";
import { createExpressions } from "../../src/mapping/expressions.ts";
import type { Desk } from "./home-grown-desk.ts";

interface DeskServer {
  url: string;
  desk: Desk;
  staff: ConnectorHarness["staff"];
  stop(): Promise<void>;
}

/** A server with a desk behind it, for the conformance suite of the connector `http`. */
export function harnessOf(
  { url, desk, staff, stop }: DeskServer,
  settings: (url: string) => unknown,
): ConnectorHarness {
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
