import type { TicketStatus } from "deskferry/sdk";
import type { SeenComment, StaffFile } from "deskferry/sdk/testing";

export interface DeskFile extends StaffFile {
  id: string;
}

export interface DeskComment {
  id: string;
  externalId?: string | undefined;
  author: string;
  body: string;
  hidden: boolean;
  files: DeskFile[];
}

export interface DeskTicket {
  id: string;
  externalId: string;
  personId: string;
  subject: string;
  status: string;
  comments: DeskComment[];
  /** Milliseconds since 1970. */
  madeAt: number;
}

export interface DeskPerson {
  id: string;
  externalId: string;
  name: string;
  phone: string;
}

/** A line of the desk's log. */
export interface DeskChange {
  number: number;
  at: string;
  author: string;
  ticket: DeskTicket;
  comment?: DeskComment;
  status?: { from: string; to: string };
}

export type NewDeskComment = Omit<DeskComment, "id" | "files"> & { files: StaffFile[] };

/** What a home-grown system remembers; how it is spoken to is the business of its servers. */
export function createDesk(words: Record<TicketStatus, string>) {
  const people: DeskPerson[] = [];
  const tickets: DeskTicket[] = [];
  const changes: DeskChange[] = [];
  const listeners: ((change: DeskChange) => void)[] = [];
  let last = 1000;
  const nextId = () => String(++last);

  function note(change: Omit<DeskChange, "number" | "at">): void {
    const whole = { ...change, number: changes.length + 1, at: new Date().toISOString() };
    changes.push(whole);
    for (const listener of listeners) listener(whole);
  }
  const ticket = (id: string) => tickets.find((each) => each.id === id);
  const wordOf = (status: string) =>
    (Object.keys(words) as TicketStatus[]).find((ours) => words[ours] === status);

  return {
    people,
    tickets,
    changes,
    onChange: (listener: (change: DeskChange) => void) => void listeners.push(listener),
    ticket,
    file: (id: string) =>
      tickets
        .flatMap(({ comments }) => comments)
        .flatMap(({ files }) => files)
        .find((file) => file.id === id),
    addPerson(given: Omit<DeskPerson, "id">): DeskPerson {
      const person = { ...given, id: nextId() };
      people.push(person);
      return person;
    },
    addTicket(given: Pick<DeskTicket, "externalId" | "personId" | "subject">): DeskTicket {
      const made = { ...given, id: nextId(), status: words.new, comments: [], madeAt: Date.now() };
      tickets.push(made);
      return made;
    },
    addComment(to: DeskTicket, given: NewDeskComment): DeskComment {
      const files = given.files.map((file) => ({ ...file, id: nextId() }));
      const comment = { ...given, files, id: nextId() };
      to.comments.push(comment);
      note({ author: given.author, ticket: { ...to }, comment });
      return comment;
    },
    setStatus(of: DeskTicket, status: string, author: string): void {
      const from = of.status;
      of.status = status;
      if (from !== status) note({ author, ticket: { ...of }, status: { from, to: status } });
    },
    isStatus: (status: string) => wordOf(status) !== undefined,
    seen: {
      contactsOf: async ({ externalId }: { externalId: string }) =>
        people.filter((person) => person.externalId === externalId).map(({ id, name }) => ({ id, name })),
      ticketsOf: async (externalId: string) =>
        tickets
          .filter((each) => each.externalId === externalId)
          .map(({ id, subject, status }) => {
            const word = wordOf(status);
            return { id, subject, ...(word ? { status: word } : {}) };
          }),
      commentsOf: async (ticketId: string): Promise<SeenComment[]> =>
        (ticket(ticketId)?.comments ?? []).map(({ body, hidden, files }) => ({
          body,
          visibility: hidden ? "internal" : "public",
          attachments: files.map(({ name, bytes }) => ({ name, bytes })),
        })),
    },
  };
}

export type Desk = ReturnType<typeof createDesk>;

/** Staff at that desk. */
export function staffOf(desk: Desk, words: Record<TicketStatus, string>) {
  const add = (ticketId: string, given: Pick<NewDeskComment, "body" | "hidden" | "files">) => {
    const ticket = desk.ticket(ticketId);
    if (!ticket) throw new Error(`no ticket ${ticketId}`);
    return desk.addComment(ticket, { author: "staff-7", ...given });
  };
  return {
    reply: async (ticketId: string, body: string) => void add(ticketId, { body, hidden: false, files: [] }),
    replyWithFiles: async (ticketId: string, body: string, files: StaffFile[]) =>
      add(ticketId, { body, hidden: false, files }).files.map(({ id }) => id),
    note: async (ticketId: string, body: string) => void add(ticketId, { body, hidden: true, files: [] }),
    setStatus: async (ticketId: string, status: TicketStatus) => {
      const ticket = desk.ticket(ticketId);
      if (!ticket) throw new Error(`no ticket ${ticketId}`);
      desk.setStatus(ticket, words[status], "staff-7");
    },
  };
}
