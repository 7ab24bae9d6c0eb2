import type { ChildProcess } from "node:child_process";
import type { EvaluationRequest, Verdict } from "./protocol.ts";
import { type Overrun, startLimit } from "./time-limit.ts";

export type Content = Omit<EvaluationRequest, "id" | "timeoutMs">;

/** What one child was asked and has not answered. It answers in the order of asking. */
export interface Requests {
  /** The time begins when all that was asked before is answered. "not begun": the child ended before that. */
  ask(content: Content, limitMs: number): Promise<Verdict | "not begun">;
  answered(id: number, verdict: Verdict): void;
  /** The child is gone: this is the verdict on what it had begun. */
  ended(verdict: Verdict): void;
}

interface Pending {
  limitMs: number;
  resolve(verdict: Verdict | "not begun"): void;
}

/** `over`: the first one has taken longer than it may. */
export function createRequests(child: ChildProcess, over: (how: Overrun) => void): Requests {
  const pending = new Map<number, Pending>();
  const post = createOutbox(child);
  let stopLimit: () => void = () => undefined;
  let isEnded = false;
  let nextId = 1;

  /** The time of the first one begins; nothing is done to the others before. */
  function watchFirst(): void {
    const [first] = pending;
    if (!first) return;
    const [id, { limitMs }] = first;
    stopLimit = startLimit(child.pid ?? 0, limitMs, (how) => {
      // The answer may be waiting in the pipe because we were the slow ones: read it before judging.
      setImmediate(() => {
        if (pending.has(id)) over(how);
      });
    });
  }

  return {
    ask(content, limitMs) {
      if (isEnded) return Promise.resolve("not begun");
      const id = nextId++;
      return new Promise((resolve) => {
        pending.set(id, { limitMs, resolve });
        if (pending.size === 1) watchFirst();
        // Its own limit comes first, so that an ordinary endless loop costs no process.
        post({ id, ...content, timeoutMs: Math.ceil(limitMs * 0.8) });
      });
    },
    answered(id, verdict) {
      const done = pending.get(id);
      if (!done) return;
      stopLimit();
      pending.delete(id);
      done.resolve(verdict);
      watchFirst();
    },
    ended(verdict) {
      isEnded = true;
      stopLimit();
      const [culprit, ...others] = pending.values();
      pending.clear();
      culprit?.resolve(verdict);
      // The pool puts each before what waits there.
      for (const other of others.reverse()) other.resolve("not begun");
    },
  };
}

/** What is asked in one turn of the event loop goes out as one message: each costs a system call on both sides. */
function createOutbox(child: ChildProcess): (request: EvaluationRequest) => void {
  let waiting: EvaluationRequest[] = [];
  function flush(): void {
    // Sending to a child that is gone fails; its exit gives the verdict.
    child.send(waiting, () => undefined);
    waiting = [];
  }
  return (request) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(request);
  };
}
