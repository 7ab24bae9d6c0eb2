import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeWhatsappErrors } from "../../scripts/describe-whatsapp-errors.ts";
import { errorTable } from "../../src/channels/cloud-api/error-table.ts";
import { PluginError, type SendAction } from "../../src/sdk/index.ts";
import { createChannel, type GraphServer, graphErrorBody, startGraph } from "./graph-server.ts";
import { metaCodes, UNKNOWN_CODE } from "./meta-codes.ts";

let server: GraphServer;
let error: Record<string, unknown>;

beforeEach(async () => {
  server = await startGraph(() => ({ status: 400, body: error }));
});
afterEach(() => server.stop());

async function refusal(): Promise<PluginError> {
  const thrown = await createChannel({ graphUrl: server.url })
    .send({ to: { phone: "+447700900123" }, outbound: { kind: "text", text: "Hello" }, callbackData: "i" })
    .catch((reason: unknown) => reason);
  if (!(thrown instanceof PluginError)) throw new Error(`no PluginError but ${String(thrown)}`);
  return thrown;
}

const cases = Object.entries(metaCodes).flatMap(([action, codes]) =>
  codes.map((code) => ({ code, action: action as SendAction })),
);

describe("R40, P25: Meta's table of errors", () => {
  test("has a row for every code of Meta's list, and none for others", () => {
    const inTable = errorTable.flatMap(({ codes }) =>
      codes.flatMap((one) => (typeof one === "number" ? [one] : span(one))),
    );
    const listed = cases.map(({ code }) => code).filter((code) => code !== UNKNOWN_CODE);
    expect([...new Set(inTable)].sort()).toEqual(listed.sort());
  });

  test.each(cases)(
    "$code asks for $action, in the answer and in a failed receipt",
    async ({ code, action }) => {
      error = graphErrorBody(code);
      const { problem, retryable } = await refusal();
      expect(problem?.action).toBe(action);
      const waits = ["retry", "pace_person", "stop_channel", "await_receipt", "unknown"];
      expect(retryable).toBe(waits.includes(action));
      const explained = createChannel().explainError?.({ code, title: "As Meta puts it" });
      expect(explained).toEqual(problem);
    },
  );

  test("100 is about the settings when its subcode says so, else about the message", async () => {
    error = graphErrorBody(100, { error_subcode: 33 });
    expect((await refusal()).problem).toMatchObject({ action: "stop_channel", reason: "settings" });
    error = graphErrorBody(100, { error_subcode: 2_494_010 });
    expect((await refusal()).problem).toMatchObject({ action: "dead_letter", reason: "payload" });
  });

  test("speaks to staff in plain words: no codes, no jargon, fit to stand after a colon", () => {
    for (const { says } of errorTable) {
      expect(says).not.toMatch(/[0-9]{3}|token|API|Graph|webhook|parameter|payload|rate limit|\.$/i);
      expect(says).toMatch(/^(WhatsApp|[a-z])/);
    }
  });

  test("is what the reference says", () => {
    expect(readFileSync("docs/reference/whatsapp-errors.md", "utf8")).toBe(describeWhatsappErrors());
  });
});

function span([first, last]: [number, number]): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
