import { createLogger, type LogLevel } from "../telemetry/logger.ts";
import { endOnUnforeseen } from "./last-words.ts";
import { onceRedisAnswers } from "./once-redis-answers.ts";
import type { Settings } from "./settings.ts";
import { type Role, startApp } from "./start.ts";

export interface RunOptions {
  role: Role;
  logLevel: LogLevel;
}

/** Runs until SIGTERM or SIGINT, then drains within 10 s. */
export async function runApp(settings: Settings, { role, logLevel }: RunOptions): Promise<void> {
  const logger = createLogger(logLevel, { role });
  endOnUnforeseen(logger);
  const { config, plugins, ...secrets } = settings;
  const clock = { now: Date.now };
  const app = await onceRedisAnswers(
    () => startApp({ config, plugins, secrets, role, logger, clock }),
    logger,
  );
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  logger.info("stopping", { signal });
  await app.stop();
}
