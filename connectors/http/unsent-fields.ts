import type { PluginLog, TicketRecord } from "deskferry/sdk";
import type { Call } from "./operation-settings.ts";

/**
 * Whether a field goes out is decided by the expression alone. What a mapping makes and no word of the operation
 * mentions is named once, so that it is not lost in silence.
 */
export function createUnsentWarning(call: Call, log: PluginLog): (ticket: TicketRecord) => void {
  const told = new Set<string>();
  const text = [
    call.path,
    ...Object.values(call.query ?? {}),
    ...Object.values(call.headers ?? {}),
    call.body,
  ].join("\n");
  const sendsWhole = /\bticket\b(?!\s*\.)(?!"?\s*:)/.test(text);
  return (ticket) => {
    for (const [field, value] of Object.entries(ticket)) {
      const isSent = sendsWhole || new RegExp(`\\b${field}\\b`).test(text);
      if (value === undefined || isSent || told.has(field)) continue;
      told.add(field);
      log.warn("operations.createTicket does not send a field of the ticket that the mapping makes", {
        field,
      });
    }
  };
}
