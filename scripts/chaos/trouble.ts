import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "../faults/faults.ts";
import type { FaultProxy } from "../faults/proxy.ts";
import type { Stage } from "./stage.ts";

type Turn = { proxy: FaultProxy; faults: Faults; ms: number };
type Links = Stage["proxies"];

/** What is wrong with the links; each turn is one fault for a time, drawn anew. */
const troubles = {
  /** Redis is far away: 100 ms each way, more at times, and one piece in a hundred is lost. */
  slow: ({ redis }: Links, random: () => number): Turn => ({
    proxy: redis,
    faults: { latencyMs: 100, jitterMs: 60, loss: 0.01 },
    ms: 5000 + 5000 * random(),
  }),
  /** Redis stands still for up to 5 s, again and again, as if it were stopped. */
  frozen: ({ redis }: Links, random: () => number): Turn =>
    random() < 0.4
      ? { proxy: redis, faults: { silent: true }, ms: 2000 + 3000 * random() }
      : { proxy: redis, faults: {}, ms: 3000 + 4000 * random() },
  /** The helpdesks and WhatsApp: cut before and after they have done it, silent, dripping, gone. */
  broken: ({ graph, desks }: Links, random: () => number): Turn => {
    const proxies = [graph, ...desks.values()];
    const proxy = proxies[Math.floor(random() * proxies.length)] ?? graph;
    const kinds: Faults[] = [
      { cutAnswers: 0.3 },
      { cutAfter: 20 + Math.floor(300 * random()) },
      { silent: true },
      { refuse: true },
      { drip: { bytes: 16, everyMs: 20 } },
      { latencyMs: 300, jitterMs: 300, loss: 0.05 },
    ];
    const faults = kinds[Math.floor(random() * kinds.length)] ?? {};
    return { proxy, faults, ms: 300 + 1700 * random() };
  },
};

export type TroubleName = keyof typeof troubles;

/** Goes on until stopped; then all is well again. */
export function startTrouble(name: TroubleName, stage: Pick<Stage, "proxies">, random: () => number) {
  const ended = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: ended.signal }).catch(() => undefined);

  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      const { proxy, faults, ms } = troubles[name](stage.proxies, random);
      proxy.set(faults);
      // What is open stays open otherwise, and a refusal would hit nobody.
      if (faults.refuse) proxy.resetAll();
      await pause(ms);
      proxy.set({});
    }
  }

  const running = loop();
  return {
    async stop(): Promise<void> {
      ended.abort();
      await running;
    },
  };
}
