import type { OptionalTicketField } from "deskferry/sdk";
import type { Call } from "./operation-settings.ts";

const optional: Record<OptionalTicketField, true> = {
  description: true,
  queue: true,
  priority: true,
  assignee: true,
  tags: true,
  skills: true,
  due: true,
  custom: true,
};

/**
 * Which fields of a ticket go out is decided by the expression alone: one that no word of the operation mentions has no
 * place in the system. `ticket` by itself stands for all of them.
 */
export function unsupportedTicketFields({ path, query, headers, body }: Call): OptionalTicketField[] {
  const text = [path, ...Object.values(query ?? {}), ...Object.values(headers ?? {}), body].join("\n");
  if (/\bticket\b(?!\s*\.)(?!"?\s*:)/.test(text)) return [];
  return (Object.keys(optional) as OptionalTicketField[]).filter(
    (field) => !new RegExp(`\\bticket\\s*\\.\\s*${field}\\b`).test(text),
  );
}
