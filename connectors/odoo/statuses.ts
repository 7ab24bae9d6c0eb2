import type { TicketStatus } from "deskferry/sdk";
import type { OdooTools } from "./tools.ts";

type Tools = Pick<OdooTools, "settings" | "application">;

const isClosing = (status: TicketStatus | undefined) => status === "solved" || status === "closed";

/** A ticket's stage in our words; a task that is ticked off is solved in any stage, and one that is cancelled is closed. */
export function statusOf(
  stage: string | undefined,
  state: unknown,
  { settings, application }: Tools,
): TicketStatus | undefined {
  const status = settings.statuses[stage ?? ""];
  if (state !== undefined && state === application.state?.givenUp) return "closed";
  const isDone = state !== undefined && state === application.state?.done;
  return isDone && !isClosing(status) ? "solved" : status;
}

/** What has to be written beside the stage, so that the ticket counts as `status`. */
export function stateFor(
  status: TicketStatus,
  state: unknown,
  { application }: Tools,
): Record<string, string> {
  if (!application.state) return {};
  const { field, inProgress, done, givenUp } = application.state;
  if (isClosing(status)) return { [field]: done };
  return state === done || state === givenUp ? { [field]: inProgress } : {};
}
