import type { CallGate } from "./governed.ts";
import type { GuardOptions } from "./guard.ts";
import type { PutOff } from "./put-off.ts";
import { type CallScope, inScope } from "./scope.ts";

/** Who comes this close to its turn stays for it: cheaper than to be put off and woken. */
const NEAR_MS = 1000;
const MOST_STAYS = 3;
/** The same for a call of something begun, which is not put off; after that it goes ahead of its turn. */
const LONGEST_INSIDE_MS = 5000;

/** Takes turns at calling, for whole scopes and for the calls in them. */
export function createTurns(options: GuardOptions, putOff: PutOff) {
  const { connection, limit, store, metrics, clock, wait } = options;
  const turn = (who: string, begins: boolean) =>
    store.callPace.turn(connection, { who, begins, limit, now: clock.now() });

  const gate: CallGate = {
    beforeCall: () =>
      inScope("call", async (scope) => {
        scope.calls += 1;
        if (scope.prepaid > 0) {
          scope.prepaid -= 1;
          return;
        }
        const ms = await turn(scope.who, false);
        if (ms > 0 && ms <= LONGEST_INSIDE_MS) await wait(ms);
      }),
    called: (outcome) => metrics.calls.inc({ connection, outcome }),
    learned: async ({ limit: told, pauseMs }) => {
      if (told) await store.callPace.learn(connection, told);
      if (pauseMs) await store.callPace.pause(connection, pauseMs, clock.now());
    },
    now: clock.now,
  };

  return {
    gate,
    /** Resolves when the first call of the scope may be made; throws when that takes long. */
    async begin(scope: CallScope): Promise<void> {
      if (scope.calls > 0 || scope.prepaid > 0) return;
      for (let stays = 0; ; stays++) {
        const ms = await turn(scope.who, true);
        if (ms === 0) break;
        if (ms > NEAR_MS || stays === MOST_STAYS) throw putOff("limit", ms);
        await wait(ms);
      }
      scope.prepaid += 1;
    },
  };
}
