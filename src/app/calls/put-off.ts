import { RetryLater } from "../../domain/failure.ts";
import type { Metrics } from "../../telemetry/metrics.ts";

/** Why an operation is not begun now. */
export type Why = "limit" | "account" | "outage";

const SAYS: Record<Why, string> = {
  limit: "as much is called as the helpdesk allows",
  account: "the helpdesk refuses the account; it is tried again from time to time",
  outage: "the helpdesk does not answer; it is tried again from time to time",
};

/** Makes the error that puts an event off without counting as a try, and counts it. */
export function createPutOff(connection: string, metrics: Pick<Metrics, "callsPutOff">) {
  return (why: Why, ms: number): RetryLater => {
    metrics.callsPutOff.inc({ connection, why });
    return new RetryLater(SAYS[why], ms);
  };
}

export type PutOff = ReturnType<typeof createPutOff>;
