import type { DeskLedger } from "../../../src/sandbox/desk/reads.ts";
import type { GraphLedger } from "../../../src/sandbox/graph/entries.ts";
import type { Expected } from "./scenarios.ts";

/** What is missing or doubled of one play, from what both sides hold; empty once all is there, and once. */
export function problemsOf(
  expected: Expected,
  phone: string,
  { desk, graph }: { desk: DeskLedger; graph: GraphLedger },
): string[] {
  const contacts = desk.contacts.filter((one) => one.phone === phone);
  const tickets = desk.tickets.filter(({ contact_id }) => contacts.some(({ id }) => id === contact_id));
  const comments = tickets.flatMap((ticket) => ticket.comments).filter(({ author }) => author.kind === "api");
  const sends = graph.sends.filter(({ person }) => person === phone);
  const { messages, files = 0 } = expected;
  const { least, most } = expected.comments ?? { least: messages.length, most: messages.length };
  const bodies = comments.map(({ body }) => body).join("\n");
  const attachments = comments.flatMap((comment) => comment.attachments);
  return [
    ...differs("contacts", contacts.length, 1),
    ...differs("tickets", tickets.length, 1),
    ...messages.flatMap((mark) => differs(`message ${mark}`, bodies.split(mark).length - 1, 1)),
    ...(comments.length < least || comments.length > most ? [`comments ${comments.length}`] : []),
    ...differs("files", attachments.length, files),
    ...differs("sends", sends.length, expected.sends.length),
    ...expected.sends
      .filter((mark) => !sends.some(({ text }) => text.includes(mark)))
      .map((mark) => `no send ${mark}`),
  ];
}

function differs(what: string, is: number, should: number): string[] {
  return is === should ? [] : [`${what} ${is} instead of ${should}`];
}
