import { type ConversationRecord, conversationList, read } from "./records.ts";
import { type TicketTools, ticketPath } from "./tickets.ts";

const PAGE = 100;
const MOST_PAGES = 50;

/** Replies and notes of a ticket, oldest first; a call for each hundred. */
export async function* conversationsOf(
  ticketId: string,
  what: string,
  { http }: Pick<TicketTools, "http">,
): AsyncGenerator<ConversationRecord> {
  const path = `${ticketPath(ticketId)}/conversations`;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await http.request({ method: "GET", path, query: { per_page: PAGE, page }, what });
    const listed = read(answer, conversationList, what);
    yield* listed;
    if (listed.length < PAGE) return;
  }
}
