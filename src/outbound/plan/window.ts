import { mayBeOpen } from "../../domain/window.ts";
import type { Facts } from "./facts.ts";

/** Whether free text may be tried: as decided before, or by the time of the person's last message. Pure. */
export function isOpen({
  earlier,
  lastMessageAt,
  now,
}: Pick<Facts, "earlier" | "lastMessageAt" | "now">): boolean {
  return earlier.window ? earlier.window === "open" : mayBeOpen(lastMessageAt, now);
}
