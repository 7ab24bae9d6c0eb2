import { expect, vi } from "vitest";
import { armCrashPoint, type CrashPoint } from "../../src/telemetry/crash-point.ts";

class Crash extends Error {}

/** Lets the work end at a named crash point, as far as one process can: nothing that stands behind it is done. */
export async function crashAt(point: CrashPoint, work: () => Promise<unknown>): Promise<void> {
  const kill = vi.spyOn(process, "kill").mockImplementation((id, signal) => {
    expect([id, signal]).toEqual([process.pid, "SIGKILL"]);
    throw new Crash(point);
  });
  armCrashPoint(point);
  try {
    const end = await work().then(
      () => "it went on to its end",
      (error: unknown) => error,
    );
    expect(end, point).toBeInstanceOf(Crash);
  } finally {
    kill.mockRestore();
  }
}
