import { asFailure, type Failure } from "../../domain/failure.ts";
import type { Connector } from "../../sdk/connector.ts";
import { PluginError } from "../../sdk/errors.ts";
import type { GuardOptions } from "./guard.ts";
import type { PutOff } from "./put-off.ts";

const FIRST_LOOK_MS = 5000;

/** Stops a connection whose account is refused, and lets it go on when it is accepted again. Known to all workers. */
export function createAccount(options: GuardOptions, putOff: PutOff) {
  const { connection, store, logger, clock } = options;

  /** What the caller is told. */
  async function refused(failure: Error & Failure, part: Connector): Promise<Error> {
    const is401 = "code" in failure && failure.code === 401;
    const account = is401 ? "refused" : await look(part);
    if (account === "unknown") return failure;
    if (account === "accepted") return noRight(failure);
    const reason = failure.operatorMessage;
    if (await store.accountStops.stop(connection, reason, clock.now())) {
      logger.error("the helpdesk refuses the account; all its calls wait", { connection, reason });
    }
    return putOff("account", FIRST_LOOK_MS);
  }

  return {
    refused,
    /** Throws while it does and no probe is due. True: one is due, and is claimed by `claimProbe`. */
    async standsStill(): Promise<boolean> {
      const ms = await store.accountStops.waiting(connection, clock.now());
      if (ms) throw putOff("account", ms);
      return ms !== undefined;
    },
    /** Resolves for the one that finds out whether it is over; throws for all others. */
    async claimProbe(): Promise<void> {
      const ms = await store.accountStops.probe(connection, clock.now());
      if (ms > 0) throw putOff("account", ms);
    },
    async accepted(): Promise<void> {
      if (!(await store.accountStops.resume(connection))) return;
      logger.info("the helpdesk accepts the account again", { connection });
    },
  };
}

/** A 403 may be about one record. What tells is whether the account can do what every account can. */
async function look(part: Connector): Promise<"accepted" | "refused" | "unknown"> {
  if (!part.checkConnection) return "unknown";
  try {
    await part.checkConnection();
    return "accepted";
  } catch (error) {
    return asFailure(error)?.kind === "auth" ? "refused" : "unknown";
  }
}

function noRight({ operatorMessage: refusal }: Failure): PluginError {
  const operatorMessage = `${refusal}; the account itself is accepted, it has no right to this`;
  return new PluginError({ kind: "rejected", code: 403, operatorMessage });
}
