import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BackgroundJob, startBackground } from "../../src/app/background.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { pluginError } from "../support/fake-helpdesk.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorder() {
  const lines: { message: string; fields: unknown }[] = [];
  const write = (message: string, fields?: unknown) => void lines.push({ message, fields });
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  return { lines, logger };
}

/** A job whose every round takes `ms`. */
function slowJob(name: string, ms: number) {
  const rounds = { begun: 0, ended: 0, most: 0 };
  const job: BackgroundJob = {
    name,
    everyMs: 1000,
    async run() {
      rounds.begun++;
      rounds.most = Math.max(rounds.most, rounds.begun - rounds.ended);
      await new Promise((resolve) => setTimeout(resolve, ms));
      rounds.ended++;
    },
  };
  return { job, rounds };
}

describe("a background job", () => {
  it("runs at once and then at its interval", async () => {
    const { job, rounds } = slowJob("quick", 1);
    const background = startBackground([job], recorder().logger);
    await vi.advanceTimersByTimeAsync(10);
    expect(rounds.ended).toBe(1);
    await vi.advanceTimersByTimeAsync(3000);
    expect(rounds.ended).toBe(4);
    await background.stop();
  });

  it("never overlaps with itself, however long a round takes, and holds up no other", async () => {
    const slow = slowJob("slow", 3500);
    const quick = slowJob("quick", 1);
    const background = startBackground([slow.job, quick.job], recorder().logger);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(slow.rounds).toMatchObject({ most: 1, ended: 5 });
    expect(quick.rounds.ended).toBe(20);
    const stopping = background.stop();
    await vi.advanceTimersByTimeAsync(5000);
    await stopping;
  });

  it("is waited for at the end, and begins no more", async () => {
    const { job, rounds } = slowJob("slow", 2500);
    const background = startBackground([job], recorder().logger);
    await vi.advanceTimersByTimeAsync(100);
    let hasStopped = false;
    const stopping = background.stop().then(() => {
      hasStopped = true;
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(hasStopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    await stopping;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(rounds).toMatchObject({ begun: 1, ended: 1 });
  });

  it("that fails is tried again, with a line that quotes only what is meant for operators", async () => {
    const { lines, logger } = recorder();
    const errors = [new Error("canary"), pluginError("auth")(), undefined];
    const run = async () => {
      const error = errors.shift();
      if (error) throw error;
    };
    const background = startBackground([{ name: "poll desk", everyMs: 1000, run }], logger);
    await vi.advanceTimersByTimeAsync(5000);
    await background.stop();
    expect(lines.map(({ fields }) => fields)).toEqual([
      { job: "poll desk", reason: "Error" },
      { job: "poll desk", reason: "scripted: auth" },
    ]);
  });
});
