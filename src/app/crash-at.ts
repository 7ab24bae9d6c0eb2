import { environment } from "../config/env.ts";
import { armCrashPoint } from "../telemetry/crash-point.ts";

/**
 * Arms the point that CRASH_AT names, once, at the start of the process; without that variable nothing can be armed.
 * Returns what people must be told of it.
 */
export function armFromEnvironment(): string | undefined {
  const setting = environment()["CRASH_AT"];
  if (setting === undefined || setting === "") return undefined;
  armCrashPoint(setting);
  return `CRASH_AT is set: this process kills itself at ${setting}. Never set it where real messages pass.`;
}
