import type { Verdict } from "./protocol.ts";
import { startWorker, type Work, type Worker } from "./worker.ts";

export interface PoolOptions {
  /** Child processes. */
  children: number;
  /** Milliseconds for one evaluation in a warm child. */
  timeoutMs: number;
  /** Memory of JavaScript objects per child. */
  memoryMb: number;
}

export interface Pool {
  /** Rejects only when no child can be started or the pool was closed; everything else is a verdict. */
  run(work: Work): Promise<Verdict>;
  close(): Promise<void>;
}

interface Job {
  work: Work;
  attempts: number;
  resolve(verdict: Verdict): void;
  reject(error: Error): void;
}

/** A stall of the machine must not pass for a fault of the mapping: the second try gets more time. */
const SECOND_TRY_FACTOR = 4;
const MAX_FAILED_STARTS = 3;

/**
 * Child processes that evaluate mappings, because nothing inside a process stops JSONata: recursion, long texts and
 * large sequences end the process or block it, in a worker thread as well. A child that dies takes only the work it
 * had in hand with it; what waits goes to the next one.
 */
export function createPool(options: PoolOptions): Pool {
  const workers = new Set<Worker>();
  const queue: Job[] = [];
  let failedStarts = 0;
  let closed = false;

  function pump(): void {
    for (const worker of workers) {
      if (worker.state() !== "idle") continue;
      const job = queue.shift();
      if (!job) return;
      void hand(job, worker);
    }
    const starting = [...workers].filter((worker) => worker.state() === "starting").length;
    if (queue.length > starting && workers.size < options.children) start();
  }

  async function hand(job: Job, worker: Worker): Promise<void> {
    const factor = job.attempts === 0 ? 1 : SECOND_TRY_FACTOR;
    const verdict = await worker.evaluate(job.work, options.timeoutMs * factor);
    // The next event shall find a child that is ready, and not pay for this one's death.
    if (worker.state() === "gone" && !closed && workers.size < options.children) start();
    job.attempts += 1;
    if (closed) job.reject(closedError());
    else if (!verdict.ok && verdict.failure.retry && job.attempts < 2) queue.unshift(job);
    else job.resolve(verdict);
    pump();
  }

  function start(): void {
    let wasReady = false;
    const worker = startWorker({
      memoryMb: options.memoryMb,
      onChange: () => {
        if (worker.state() === "gone") {
          workers.delete(worker);
          if (!wasReady) noteFailedStart(worker);
        } else {
          wasReady = true;
          failedStarts = 0;
        }
        if (!closed) pump();
      },
    });
    workers.add(worker);
  }

  function noteFailedStart(worker: Worker): void {
    failedStarts += 1;
    if (failedStarts < MAX_FAILED_STARTS) return;
    failedStarts = 0;
    const reason = worker.complaint().slice(0, 500);
    for (const job of queue.splice(0)) {
      job.reject(new Error(`the child process for mappings does not start: ${reason}`));
    }
  }

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(closedError());
          return;
        }
        queue.push({ work, attempts: 0, resolve, reject });
        pump();
      }),
    close: async () => {
      closed = true;
      for (const job of queue.splice(0)) job.reject(closedError());
      await Promise.all([...workers].map((worker) => worker.kill()));
    },
  };
}

function closedError(): Error {
  return new Error("the mapper was closed");
}
