import { describe, expect, it } from "vitest";
import { connectorConformance } from "../../src/sdk/testing/connector-conformance.ts";
import acme from "../../templates/connector/connector/index.ts";
import { startAcmeServer, token, webhookSecret } from "../../templates/connector/test/acme-server.ts";
import { collectSuite } from "./collected-suite.ts";

const exampleSettings = { url: "http://desk.example.org", token, webhookSecret };
const start = async () => (await startAcmeServer()).harness();

/** Tests of each group that the starting connector has to pass. */
const expected = {
  settings: 7,
  contacts: 5,
  tickets: 5,
  fields: 2,
  comments: 4,
  attachments: 5,
  fetching: 6,
  texts: 10,
  errors: 31,
  recovery: 14,
  secrecy: 2,
  webhooks: 11,
  "webhook age": 1,
  polling: 8,
};

describe("a connector that obeys", () => {
  it("passes every test of every group", async () => {
    const suite = collectSuite((runner) =>
      connectorConformance(runner, { definition: acme, exampleSettings, start }),
    );
    const { passed, failed, skipped } = await suite.run();
    expect(failed).toEqual([]);
    expect(skipped).toEqual([]);
    const counts: Record<string, number> = {};
    for (const name of passed) {
      const [label, group = ""] = name.split(" > ");
      expect(label).toBe("Acme Desk as a connector");
      counts[group] = (counts[group] ?? 0) + 1;
    }
    expect(counts).toEqual(expected);
  }, 60_000);

  it("gives each test a minute, or as long as it is told, and the server two", () => {
    const limits = new Set<number | undefined>();
    const hooks = new Set<number | undefined>();
    const define = (timeoutMs?: number) =>
      connectorConformance(
        {
          describe: (_name, inside) => inside(),
          it: Object.assign((_name: string, _run: unknown, ms?: number) => limits.add(ms), {
            skip: () => undefined,
          }),
          beforeAll: (_run, ms) => hooks.add(ms),
          // Groups have hooks of their own, which say nothing of time.
          afterAll: (_run, ms) => ms !== undefined && hooks.add(ms),
        },
        { definition: acme, exampleSettings, start, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      );
    define();
    expect([...limits]).toEqual([60_000]);
    expect([...hooks]).toEqual([120_000]);
    limits.clear();
    define(5_000);
    expect([...limits]).toEqual([5_000]);
  });

  it("is told when a test runs though no server was started", async () => {
    const runs: (() => Promise<void>)[] = [];
    connectorConformance(
      {
        describe: (_name, inside) => inside(),
        it: Object.assign((_name: string, run: () => Promise<void>) => runs.push(run), {
          skip: () => undefined,
        }),
        beforeAll: () => undefined,
        afterAll: () => undefined,
      },
      { definition: acme, exampleSettings, start },
    );
    await expect(runs[0]?.()).rejects.toThrow("the server under test did not start");
  });
});
