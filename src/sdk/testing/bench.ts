import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { z } from "zod";
import type { TicketRecord } from "../../domain/records.ts";
import type { Attachment } from "../attachment.ts";
import type {
  AttachmentRef,
  Connector,
  ConnectorDefinition,
  ContactKey,
  NewTicket,
  RecordRef,
  TicketMessage,
} from "../connector.ts";
import { createHttpClient } from "../http-client.ts";
import type { PluginLog, Tools } from "../tools.ts";
import { type FaultProxy, readAll, startFaultProxy } from "./fault-proxy.ts";
import type { ConnectorHarness } from "./harness.ts";

export interface BenchOptions {
  /** Deadline of every exchange, whatever the connector asks for. */
  timeoutMs?: number;
  now?: () => number;
  /** Instead of those of the harness. */
  settings?: unknown;
}

export interface KnownTicket {
  id: string;
  externalId: string;
}

/** The connector under test on the harness' server, behind the fault proxy. */
export interface Bench {
  harness: ConnectorHarness;
  proxy: FaultProxy;
  /** Settings as given, for looking up the secrets among them. */
  settings: unknown;
  /** Everything the connector logged so far. */
  logged: string[];
  make(options?: BenchOptions): Connector;
  /** With default options. */
  connector: Connector;
  /** An id that was not there before. */
  unique(): string;
  /** A person whom the helpdesk does not know. */
  person(): { key: ContactKey; name: string };
  /** The same contact every time. */
  contact(): Promise<RecordRef>;
  /** A ticket that nobody has made so far: of that contact, or of a person's message where messages become tickets. */
  newTicket(ticket: TicketRecord, message?: Partial<TicketMessage>): Promise<NewTicket>;
  /** A new ticket, made. */
  ticket(): Promise<KnownTicket>;
  /** The same ticket every time, for tests that leave it as it is. */
  sampleTicket(): Promise<KnownTicket>;
  /** A file that staff attached to a reply on that ticket; the same every time. */
  sampleFile(): Promise<AttachmentRef>;
  /** For files. */
  folder: string;
  stop(): Promise<void>;
}

export async function startBench<S extends z.ZodType>(
  definition: ConnectorDefinition<S>,
  harness: ConnectorHarness,
): Promise<Bench> {
  const proxy = await startFaultProxy(harness.serverUrl);
  const folder = await mkdtemp(join(tmpdir(), "deskferry-connector-"));
  const settings = harness.settings(proxy.url);
  const config = definition.config.parse(settings);
  const logged: string[] = [];
  const run = randomBytes(6).toString("hex");
  let count = 0;
  const make = (options: BenchOptions = {}) => {
    const chosen = options.settings === undefined ? config : definition.config.parse(options.settings);
    const { expressions } = harness;
    return definition.create(chosen, {
      ...toolsOf(options, logged),
      ...(expressions ? { expressions } : {}),
    });
  };
  const connector = make();
  const unique = () => `${run}${(count++).toString(16).padStart(4, "0")}`;
  const person = () => {
    const digits = BigInt(`0x${unique()}`).toString().slice(-9);
    const phone = `+4477${digits.padStart(9, "0")}`;
    return { key: { externalId: `whatsapp:${phone}`, phone }, name: `Person ${digits}` };
  };
  const contact = once(() => {
    const { key, name } = person();
    return connector.upsertContact(key, { name, phone: key.phone });
  });
  const newTicket: Bench["newTicket"] = async (ticket, message = {}) => {
    const externalId = `deskferry/conformance/${unique()}/1`;
    if (!becomesTickets(connector)) return { externalId, contactId: (await contact()).id, ticket };
    const { key, name } = person();
    const written = { person: key, contact: { name }, body: "It is dark", attachments: [], ...message };
    return { externalId, contactId: "", ticket, message: written };
  };
  const ticket = async () => {
    const request = await newTicket({ subject: "Street light" });
    const { id } = await connector.createTicket(request);
    return { id, externalId: request.externalId };
  };
  const sampleTicket = once(ticket);
  const sampleFile = once(async () => {
    const { id: ticketId } = await sampleTicket();
    const [file] = await repliedWith(harness, ticketId, [attachmentOf("a.png", "image/png", PIXEL)]);
    if (!file) throw new Error("the harness' staff.replyWithFiles told no id");
    return file;
  });
  return {
    harness,
    proxy,
    settings,
    logged,
    make,
    connector,
    unique,
    person,
    contact,
    newTicket,
    ticket,
    sampleTicket,
    sampleFile,
    folder,
    async stop() {
      await proxy.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing can be added to a ticket: each message is one of its own. */
export function becomesTickets({ capabilities }: Connector): boolean {
  return capabilities.messages === "tickets";
}

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==",
  "base64",
);

/** Staff reply with files; resolves with what names them to the connector. */
export async function repliedWith(
  { staff }: ConnectorHarness,
  ticketId: string,
  files: Attachment[],
): Promise<AttachmentRef[]> {
  if (!staff.replyWithFiles) {
    throw new Error("the harness lacks staff.replyWithFiles, though the connector has fetchAttachment");
  }
  const given = await Promise.all(
    files.map(async ({ name, mimeType, open }) => ({ name, mimeType, bytes: await readAll(open()) })),
  );
  const ids = await staff.replyWithFiles(ticketId, "see the files", given);
  return ids.map((id, index) => ({ id, name: files[index]?.name ?? "", ticketId }));
}

/** The first success is kept; a failure is not. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}

function toolsOf(options: BenchOptions, logged: string[]): Tools {
  const clock = { now: options.now ?? Date.now };
  const line = (message: string, fields?: Record<string, unknown>) => {
    logged.push(JSON.stringify({ message, ...fields }));
  };
  const log: PluginLog = { debug: line, info: line, warn: line };
  const { timeoutMs } = options;
  return {
    clock,
    log,
    http(wanted) {
      const client = createHttpClient(wanted, clock);
      if (timeoutMs === undefined) return client;
      return {
        request: (request) => client.request({ ...request, timeoutMs }),
        download: (request) => client.download({ ...request, timeoutMs }),
      };
    },
  };
}

/** A file in memory; every `open` begins anew. */
export function attachmentOf(name: string, mimeType: string, bytes: Buffer): Attachment {
  return { name, mimeType, size: bytes.length, open: () => Readable.from([bytes]) };
}

/** Asks again until there is an answer or the time is over. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  withinMs: number,
): Promise<T | undefined> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || Date.now() >= deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
