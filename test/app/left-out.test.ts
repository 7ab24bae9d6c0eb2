import { describe, expect, it } from "vitest";
import { leftOutNoter } from "../../src/app/left-out.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

describe("fields that a helpdesk has no place for", () => {
  it("are said once each and counted every time", async () => {
    const metrics = createMetrics();
    const said: unknown[] = [];
    const logger = { warn: (message: string) => said.push(message) } as unknown as Logger;
    const note = leftOutNoter("desk", { logger, metrics });
    for (const fields of [["tags"], ["tags", "due"], ["due"]]) note(fields);
    expect(said).toEqual([
      "the helpdesk has no place for a ticket's tags",
      "the helpdesk has no place for a ticket's due",
    ]);
    const { values } = await metrics.leftOut.get();
    expect(values.map(({ labels, value }) => [labels["connection"], labels["field"], value])).toEqual([
      ["desk", "tags", 2],
      ["desk", "due", 2],
    ]);
  });
});
