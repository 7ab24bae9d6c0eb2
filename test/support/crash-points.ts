/** Counts the calls that go out through a set of tools, and lets the process die at one of them. */
export interface CrashPoints<T> {
  tools: T;
  /** Names of the calls so far: `store.links.saveTicket`, `connector.createTicket` … */
  calls: string[];
  /** Runs; resolves with "crashed" once the call at `position` (from 0) is reached, whose work then never goes on. */
  run(work: (tools: T) => Promise<unknown>, crash?: CrashAt): Promise<"done" | "crashed">;
}

export interface CrashAt {
  position: number;
  /** `after`: the call has had its effect, but its answer reaches nobody. */
  when: "before" | "after";
}

/** Watches the methods below these parts of the tools; they must be asynchronous. */
export function watchCalls<T extends object>(original: T, parts: (keyof T)[]): CrashPoints<T> {
  const calls: string[] = [];
  let crash: (CrashAt & { die(): void }) | undefined;

  async function pass(name: string, call: () => unknown): Promise<unknown> {
    const hit = crash?.position === calls.length ? crash : undefined;
    calls.push(name);
    if (hit?.when === "before") return end(hit);
    const answer = await call();
    return hit ? end(hit) : answer;
  }

  const tools = { ...original };
  for (const part of parts) {
    const target = original[part];
    if (typeof target === "object" && target !== null) {
      tools[part] = watched(target, String(part), pass) as T[keyof T];
    }
  }
  return {
    tools,
    calls,
    run(work, at) {
      calls.length = 0;
      const died = new Promise<"crashed">((resolve) => {
        crash = at && { ...at, die: () => resolve("crashed") };
      });
      return Promise.race([work(tools).then(() => "done" as const), died]);
    },
  };
}

function end(crash: { die(): void }): Promise<never> {
  crash.die();
  return new Promise(() => undefined);
}

type Pass = (name: string, call: () => unknown) => Promise<unknown>;

function watched(target: object, path: string, pass: Pass): object {
  return new Proxy(target, {
    get(object, key, receiver) {
      const value: unknown = Reflect.get(object, key, receiver);
      const name = `${path}.${String(key)}`;
      if (typeof value === "function") {
        return (...args: unknown[]) => pass(name, () => Reflect.apply(value, object, args));
      }
      const isGroup = typeof value === "object" && value !== null && key !== "capabilities";
      return isGroup ? watched(value, name, pass) : value;
    },
  });
}
