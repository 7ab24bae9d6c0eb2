import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * osTicket on loopback, by setup/doc/api/tickets.md of its repository and by its public source; there is no description of
 * the API to hold it against. It makes tickets, answers in plain text and does nothing else.
 */
export const API_KEY = "0A1B2C3D4E5F60718293A4B5C6D7E8F9";

export interface OsticketOptions {
  /** As installed, osTicket asks DNS whether the domain of an address takes mail. */
  verifiesAddresses?: boolean;
  /** What a ticket that lacks something is answered with: 400, and 500 in some versions. */
  invalidStatus?: 400 | 500;
  /** Addresses whose tickets are denied, by a filter or a ban. */
  denied?: string[];
  /** Answered in place of 201, as by something before osTicket. */
  createdStatus?: number;
  /** The key belongs to the address of another machine. */
  foreignKey?: boolean;
}

export interface SeenTicket {
  number: string;
  /** As sent. */
  fields: Record<string, unknown>;
  body: string;
  isHtml: boolean;
  files: { name: string; type: string; bytes: Buffer }[];
}

export type Osticket = Awaited<ReturnType<typeof startOsticket>>;

/** Format::strip_emoticons of 1.18, in fewer ranges. */
const EMOTICONS = /[\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F910}-\u{1F9EF}]/gu;

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export async function startOsticket(options: OsticketOptions = {}) {
  const {
    verifiesAddresses = false,
    invalidStatus = 400,
    denied = [],
    foreignKey = false,
    createdStatus = 201,
  } = options;
  const tickets: SeenTicket[] = [];
  let requests = 0;

  function create(given: Record<string, unknown>): string {
    const text = (name: string) => String(given[name] ?? "").trim();
    const { data, type } = parsed(text("message"));
    const errors = ["name", "email", "subject"].filter((name) => text(name) === "");
    if (data.replace(EMOTICONS, "").trim() === "") errors.push("message");
    const [, domain = ""] = /^[^@\s]+@([^@\s]+)$/.exec(text("email")) ?? [];
    if (domain === "" || (verifiesAddresses && domain.endsWith(".invalid"))) errors.push("user");
    if (denied.includes(text("email"))) throw new Refusal(403, "Ticket denied");
    if (errors.length > 0) {
      const lines = errors.map((name) => `${name}: Incomplete client information`);
      throw new Refusal(
        invalidStatus,
        `Unable to create new ticket: validation errors:\n${lines.join("\n")}`,
      );
    }
    const files = ((given["attachments"] ?? []) as Record<string, string>[]).flatMap(Object.entries);
    const number = String(100_000 + tickets.length * 7);
    tickets.push({
      number,
      fields: given,
      body: cut(data.replace(EMOTICONS, "")),
      isHtml: type === "text/html",
      files: files.map(([name, content]) => {
        const file = parsed(content as string);
        return { name: cut(name), type: file.type, bytes: file.bytes };
      }),
    });
    return number;
  }

  function answer(request: IncomingMessage, body: string): { status: number; text: string } {
    if (request.url !== "/api/http.php/tickets.json" || request.method !== "POST")
      return { status: 400, text: "URL not supported" };
    const key = request.headers["x-api-key"];
    if (key === undefined) return { status: 401, text: "Valid API key required" };
    if (key !== API_KEY || foreignKey)
      return { status: 401, text: "API key not found/active or source IP not authorized" };
    const given = jsonOf(body);
    if (!given) return { status: 400, text: "Syntax error, malformed JSON" };
    if (Object.keys(given).length === 0) return { status: 400, text: "No errors" };
    return { status: createdStatus, text: create(given) };
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests++;
    const say = (status: number, text: string) => {
      response.writeHead(status, { "Content-Type": "text/html; charset=UTF-8" });
      response.end(text);
    };
    try {
      const { status, text } = answer(request, Buffer.concat(chunks).toString());
      say(status, text);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(error.status, error.message);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tickets,
    requests: () => requests,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Format::parseRfc2397: what begins with `data:` is a data URL, anything else is plain text. */
function parsed(value: string): { type: string; data: string; bytes: Buffer } {
  if (!value.startsWith("data:")) return { type: "text/plain", data: value, bytes: Buffer.from(value) };
  const comma = value.indexOf(",");
  const [type = "", ...parameters] = value.slice(5, comma).split(";");
  const content = value.slice(comma + 1);
  const bytes = Buffer.from(content, parameters.includes("base64") ? "base64" : "utf8");
  return { type: type || "text/plain", data: bytes.toString(), bytes };
}

/** MySQL's utf8 ends a text at the first letter beyond the basic plane. */
function cut(text: string): string {
  return /^[^\u{10000}-\u{10ffff}]*/u.exec(text)?.[0] ?? "";
}

function jsonOf(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
