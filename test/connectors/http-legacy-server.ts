import type { TicketStatus } from "deskferry/sdk";
import { createDesk, type DeskChange, type DeskTicket, staffOf } from "./home-grown-desk.ts";
import { type Asked, formOf, type Said, startAnswering } from "./home-grown-http.ts";

const words: Record<TicketStatus, string> = { new: "1", open: "2", pending: "3", solved: "4", closed: "9" };

export const legacy = { username: "deskferry", password: "legacy-password", lagMs: 200 };

/**
 * A home-grown system of the other kind: one script, forms, 200 whatever happens, numbers as text, a search that knows
 * one filter, matches from the left without regard to case and lags behind. It calls nobody.
 */
export async function startLegacyServer() {
  const desk = createDesk(words);
  const refuse = (error: string): Said => ({ json: { ok: "0", error } });
  const fine = (more: object = {}): Said => ({ json: { ok: "1", ...more } });

  function savePerson({ nr, ext = "", name = "", phone = "" }: Record<string, string>): Said {
    const known = desk.people.find((person) => person.id === nr);
    if (nr && !known) return refuse("NOT FOUND");
    if (known) Object.assign(known, { name });
    return fine({ nr: (known ?? desk.addPerson({ externalId: ext, name, phone })).id });
  }

  async function addNote(asked: Asked): Promise<Said> {
    const { fields, files } = await formOf(asked);
    const ticket = desk.ticket(fields["nr"] ?? "");
    if (!ticket) return refuse("NOT FOUND");
    const { text = "", ext, hidden } = fields;
    return fine({
      nr: desk.addComment(ticket, {
        externalId: ext,
        author: "17",
        body: text,
        hidden: hidden === "1",
        files,
      }).id,
    });
  }

  /** Other filters than `ext` are ignored, and so everything comes back. */
  function findCases(query: URLSearchParams): Said {
    const wanted = (query.get("ext") ?? "").toLowerCase();
    const isIndexed = ({ madeAt }: DeskTicket) => Date.now() - madeAt >= legacy.lagMs;
    const found = desk.tickets.filter(
      (each) => isIndexed(each) && each.externalId.toLowerCase().startsWith(wanted),
    );
    return fine({ cases: found.map(({ id, externalId }) => ({ nr: id, ext: externalId })) });
  }

  async function work(asked: Asked): Promise<Said> {
    const { query } = asked;
    switch (`${asked.method} ${query.get("do")}`) {
      case "GET whoami":
        return fine({ user: "17" });
      case "GET person.find":
        return fine({ persons: desk.people.map(({ id, externalId }) => ({ nr: id, ext: externalId })) });
      case "POST person.save":
        return savePerson((await formOf(asked)).fields);
      case "POST case.new": {
        const { ext = "", person = "", subject = "" } = (await formOf(asked)).fields;
        return fine({ nr: desk.addTicket({ externalId: ext, personId: person, subject }).id });
      }
      case "GET case.find":
        return findCases(query);
      case "POST case.status": {
        const { nr = "", status = "" } = (await formOf(asked)).fields;
        const ticket = desk.ticket(nr);
        if (!ticket) return refuse("NOT FOUND");
        // An unknown status changes nothing, and is no error.
        if (desk.isStatus(status)) desk.setStatus(ticket, status, "17");
        return fine({ status: ticket.status });
      }
      case "POST note.new":
        return addNote(asked);
      case "GET note.list": {
        const comments = desk.ticket(query.get("nr") ?? "")?.comments ?? [];
        return fine({ notes: comments.map(({ id, externalId }) => ({ nr: id, ext: externalId ?? "" })) });
      }
      case "GET log": {
        const after = query.has("after") ? Number(query.get("after")) : desk.changes.length;
        const lines = desk.changes.slice(after, after + 3).map(lineOf);
        return fine({ lines, last: String(after + lines.length), total: String(desk.changes.length) });
      }
      default:
        return refuse("NO SUCH FUNCTION");
    }
  }

  const expected = `Basic ${Buffer.from(`${legacy.username}:${legacy.password}`).toString("base64")}`;
  const server = await startAnswering(async (asked) => {
    if (asked.headers.authorization !== expected) return refuse("LOGIN");
    if (asked.path === "/file.php") {
      const file = desk.file(asked.query.get("nr") ?? "");
      return file
        ? { bytes: file.bytes, headers: { "Content-Type": file.mimeType } }
        : { status: 404, json: {} };
    }
    return work(asked);
  });
  return { ...server, desk, staff: staffOf(desk, words) };
}

function lineOf({ number, at, author, ticket, comment, status }: DeskChange) {
  return {
    line: String(number),
    time: at,
    user: author,
    nr: ticket.id,
    ext: ticket.externalId,
    subject: ticket.subject,
    status: ticket.status,
    old_status: status?.from ?? "",
    note: comment?.id ?? "",
    note_ext: comment?.externalId ?? "",
    text: comment?.body ?? "",
    hidden: comment?.hidden ? "1" : "0",
    files: (comment?.files ?? []).map(({ id, name }) => ({ nr: id, name })),
  };
}
