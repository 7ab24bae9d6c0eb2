import type { MessageInput, RouteInput } from "../domain/mapping-input.ts";
import { type SupportedTicket, withoutUnsupported } from "./supported-fields.ts";
import type { InboundTools } from "./tools.ts";

/**
 * What ticket.jsonata makes of the message, with what route.jsonata decides in place of its own, as far as the helpdesk
 * has a place for it.
 */
export async function mapTicket(input: MessageInput, tools: InboundTools): Promise<SupportedTicket> {
  const { mapper, mapping, connector } = tools;
  const { record: ticket } = await mapper.map(mapping, "ticket", input);
  const routeInput: RouteInput = { ...input, ticket };
  const { record: route } = await mapper.map(mapping, "route", routeInput);
  const supported = withoutUnsupported({ ...ticket, ...route }, connector.capabilities);
  if (supported.leftOut.length > 0) tools.noteLeftOut(supported.leftOut);
  return supported;
}
