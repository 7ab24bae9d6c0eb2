import type { Logger } from "../telemetry/logger.ts";

export interface BackgroundJob {
  name: string;
  everyMs: number;
  run(): Promise<void>;
}

/** Runs jobs again and again, never two rounds of one at a time. `stop` waits for the rounds under way. */
export function startBackground(jobs: BackgroundJob[], logger: Logger) {
  const running = new Map<string, Promise<void>>();

  function round(job: BackgroundJob): void {
    if (running.has(job.name)) return;
    const work = job
      .run()
      .catch((error: unknown) => {
        const kind = error instanceof Error ? error.name : typeof error;
        const reason =
          error instanceof Error && "operatorMessage" in error ? String(error.operatorMessage) : kind;
        logger.warn("a background job failed; it is tried again", { job: job.name, reason });
      })
      .finally(() => running.delete(job.name));
    running.set(job.name, work);
  }

  const timers = jobs.map((job) => {
    round(job);
    return setInterval(() => round(job), job.everyMs);
  });
  return {
    async stop(): Promise<void> {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}
