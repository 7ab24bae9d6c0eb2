import type { z } from "zod";
import type { ChannelDefinition } from "../channel.ts";
import { type ChannelBench, startChannelBench } from "./channel-bench.ts";
import type { ChannelHarness } from "./channel-harness.ts";
import { inboundTests } from "./channel-inbound.ts";
import { mediaTests } from "./channel-media.ts";
import { outboundTests } from "./channel-outbound.ts";
import { sendingTests } from "./channel-sending.ts";
import type { TestRunner } from "./runner.ts";

/** Tests by their names. */
export type ChannelTests = Record<string, (bench: ChannelBench) => Promise<void>>;

export interface ChannelConformanceOptions<S extends z.ZodType = z.ZodType> {
  definition: ChannelDefinition<S>;
  /** Called once, before the first test. */
  start(): Promise<ChannelHarness>;
}

const START_MS = 60_000;

/** Defines the tests that every channel type must pass, in-tree or not. */
export function channelConformance<S extends z.ZodType>(
  runner: TestRunner,
  { definition, start }: ChannelConformanceOptions<S>,
): void {
  runner.describe(`${definition.label} as a channel`, () => {
    let bench: ChannelBench | undefined;
    let harness: ChannelHarness | undefined;
    runner.beforeAll(async () => {
      harness = await start();
      bench = await startChannelBench(definition, harness);
    }, START_MS);
    runner.afterAll(async () => {
      await bench?.stop();
      await harness?.stop();
    }, START_MS);
    const tests = { ...inboundTests, ...outboundTests, ...sendingTests, ...mediaTests };
    for (const [name, test] of Object.entries(tests)) {
      runner.it(name, async () => {
        if (!bench) throw new Error("the provider's server did not start");
        bench.proxy.clear();
        await test(bench);
      });
    }
  });
}
