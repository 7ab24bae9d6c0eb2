import type { ParsedPayload } from "../sdk/channel.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/**
 * Counts what a provider says and this version cannot show or act on, so that news of the platform is noticed.
 * Nothing of it is lost: messages reach the ticket as `unsupported`, the rest is kept aside.
 */
export function countNotUnderstood(
  { events, quarantined }: ParsedPayload,
  channelOf: (accountId: string | undefined) => string,
  metrics: Pick<Metrics, "notUnderstood">,
): void {
  const count = (what: "message" | "status" | "field", accountId: string | undefined) =>
    metrics.notUnderstood.inc({ channel: channelOf(accountId), what });
  for (const event of events) {
    if (event.type === "message.received" && event.message.type === "unsupported") {
      count("message", event.accountId);
    } else if ("isNew" in event) count("field", event.accountId);
  }
  for (const { isNew, accountId } of quarantined) if (isNew) count("status", accountId);
}
