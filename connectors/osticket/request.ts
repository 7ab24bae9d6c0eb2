import { type Clock, fromHttpResponse, type HttpClient, PluginError } from "deskferry/sdk";
import type { Settings } from "./settings.ts";

/** The script itself, which answers also where the web server rewrites no addresses. */
export const PATH = "/api/http.php/tickets.json";

export interface TicketTools {
  http: HttpClient;
  settings: Settings;
  clock: Clock;
  /** The same words once only: what osTicket has no place for is so for every ticket. */
  warnOnce(message: string): void;
}

/**
 * A body without content is refused by 400 and in plain text, after the key was accepted, so that nothing is made. Nothing
 * else can be asked.
 */
export async function checkConnection({ http, settings, clock }: TicketTools): Promise<string[]> {
  const what = "check connection";
  const request = { method: "POST" as const, path: PATH, json: {}, what };
  const answer = await http.request({ ...request, accept: [400] });
  if (answer.status >= 200 && answer.status < 300) {
    const operatorMessage = `${what}: what answers at ${settings.url} accepts an empty ticket, so that it is not osTicket`;
    throw new PluginError({ kind: "ambiguous", code: "unexpected_shape", operatorMessage });
  }
  if (/^\s*[{[<]/.test(answer.text)) throw fromHttpResponse(answer, what, clock.now());
  return [
    `osTicket answers at ${settings.url} and accepts the key from our address`,
    "each message becomes a ticket of its own; replies of staff and changes do not come back",
  ];
}
