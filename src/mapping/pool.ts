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
 * So much is given to a child at once: it need not wait for us between two, and what it is given goes through the pipe
 * together. Not more, because all of it waits if the first goes wild.
 */
const MOST_IN_HAND = 4;

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
    for (let worker = freest(); worker && queue.length > 0; worker = freest()) {
      const job = queue.shift();
      if (job) void hand(job, worker);
    }
    const isStarting = [...workers].some((worker) => worker.state() === "starting");
    const areBusy = [...workers].every((worker) => worker.inHand() > 1);
    const isWanted = workers.size === 0 ? queue.length > 0 : areBusy;
    if (isWanted && !isStarting && workers.size < options.children) start();
  }

  /** The child with the least in hand, if it has room for more. */
  function freest(): Worker | undefined {
    const ready = [...workers].filter(
      (worker) => worker.state() === "ready" && worker.inHand() < MOST_IN_HAND,
    );
    return ready.sort((one, other) => one.inHand() - other.inHand())[0];
  }

  async function hand(job: Job, worker: Worker): Promise<void> {
    const factor = job.attempts === 0 ? 1 : SECOND_TRY_FACTOR;
    const verdict = await worker.evaluate(job.work, options.timeoutMs * factor);
    // The next event shall find a child that is ready, and not pay for this one's death.
    if (worker.state() === "gone" && !closed && workers.size < options.children) start();
    if (verdict !== "not begun") job.attempts += 1;
    if (closed) job.reject(closedError());
    else if (verdict === "not begun") queue.unshift(job);
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
