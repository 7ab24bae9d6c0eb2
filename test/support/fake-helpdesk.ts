import type { TicketStatus } from "../../src/domain/ticket.ts";
import type { Attachment } from "../../src/sdk/attachment.ts";
import type {
  Connector,
  ConnectorCapabilities,
  ContactKey,
  Idempotency,
  NewComment,
  NewTicket,
} from "../../src/sdk/connector.ts";
import { type ErrorKind, PluginError } from "../../src/sdk/errors.ts";
import type { TestClock } from "./clock.ts";
import { createScript, type Outcome, type Script } from "./scripted.ts";

export interface HeldContact {
  id: string;
  key: ContactKey;
  record: Parameters<Connector["upsertContact"]>[1];
}

export interface HeldTicket extends NewTicket {
  id: string;
  status: TicketStatus;
  /** Of the message that the ticket was made of. */
  files: HeldComment["files"];
}

export interface HeldComment extends Omit<NewComment, "attachments"> {
  id: string;
  files: { name: string; mimeType: string; bytes: Buffer }[];
}

export interface FakeHelpdeskOptions {
  clock: TestClock;
  /** Default class A. */
  idempotency?: Idempotency;
  /** Milliseconds for which a new record is invisible to look-ups. */
  lagMs?: number;
  /** A repeated external id is refused with `conflict`, as where it is unique but not an upsert. */
  conflicts?: boolean;
  maxAttachmentBytes?: number;
  internalComments?: boolean;
  /** Without it tickets cannot be reopened. */
  canUpdate?: boolean;
  unsupportedTicketFields?: ConnectorCapabilities["unsupportedTicketFields"];
  /** `tickets`: nothing can be added to a ticket. */
  messages?: ConnectorCapabilities["messages"];
}

/** A helpdesk in memory, behind a connector that obeys the contract. What it holds is the ledger of a test. */
export interface FakeHelpdesk {
  connector: Connector;
  script: Script;
  contacts: HeldContact[];
  tickets: HeldTicket[];
  comments: HeldComment[];
  /** As staff would: the ticket and its comments are gone. */
  deleteTicket(id: string): void;
  deleteContact(id: string): void;
  setStatus(id: string, status: TicketStatus): void;
}

/** An error as connectors throw it, to be scripted. */
export function pluginError(kind: ErrorKind, retryAfterMs?: number): () => PluginError {
  const details = { kind, operatorMessage: `scripted: ${kind}` };
  return () => new PluginError(retryAfterMs === undefined ? details : { ...details, retryAfterMs });
}

/** An outcome that fails without an effect. */
export function fails(kind: ErrorKind): Outcome {
  return { fail: pluginError(kind), when: "before" };
}

/** The effect happens, its answer is lost. */
export function lostAnswer(takesMs = 0): Outcome {
  return { fail: pluginError("ambiguous"), when: "after", takesMs };
}

interface Held {
  contacts: HeldContact[];
  tickets: HeldTicket[];
  comments: HeldComment[];
  madeAt: Map<string, number>;
  newId(kind: string): string;
}

export function createFakeHelpdesk(options: FakeHelpdeskOptions): FakeHelpdesk {
  let count = 0;
  const held: Held = {
    contacts: [],
    tickets: [],
    comments: [],
    madeAt: new Map(),
    newId(kind) {
      const id = `${kind}-${++count}`;
      held.madeAt.set(id, options.clock.now());
      return id;
    },
  };
  const script = createScript(options.clock);
  return {
    connector: createConnector(options, held, script),
    script,
    contacts: held.contacts,
    tickets: held.tickets,
    comments: held.comments,
    deleteTicket(id) {
      remove(held.tickets, (ticket) => ticket.id === id);
      remove(held.comments, (comment) => comment.ticketId === id);
    },
    deleteContact: (id) => remove(held.contacts, (contact) => contact.id === id),
    setStatus(id, status) {
      ticketOf(held, id).status = status;
    },
  };
}

function createConnector(options: FakeHelpdeskOptions, held: Held, script: Script): Connector {
  const capabilities = {
    idempotency: options.idempotency ?? ({ class: "A" } as const),
    changes: ["push" as const],
    internalComments: options.internalComments ?? true,
    maxAttachmentBytes: options.maxAttachmentBytes ?? 1024 * 1024,
    ...(options.unsupportedTicketFields ? { unsupportedTicketFields: options.unsupportedTicketFields } : {}),
    ...(options.messages ? { messages: options.messages } : {}),
  };
  const isVisible = ({ id }: { id: string }) =>
    options.clock.now() >= (held.madeAt.get(id) ?? 0) + (options.lagMs ?? 0);
  const repeated = <T>(found: T | undefined): T | undefined => {
    if (!found) return undefined;
    if (options.conflicts) throw pluginError("conflict")();
    return capabilities.idempotency.class === "A" ? found : undefined;
  };
  return {
    capabilities,
    upsertContact: (key, record) => script.play("upsertContact", () => upsertContact(held, key, record)),
    createTicket: (ticket) =>
      script.play("createTicket", async () => {
        const files = await readFiles(ticket.message?.attachments ?? [], capabilities.maxAttachmentBytes);
        const twin = repeated(held.tickets.find(({ externalId }) => externalId === ticket.externalId));
        return twin ? { id: twin.id } : createTicket(held, ticket, files);
      }),
    addComment: (comment) =>
      script.play("addComment", async () => {
        const files = await readFiles(comment.attachments, capabilities.maxAttachmentBytes);
        const twin = repeated(held.comments.find(({ externalId }) => externalId === comment.externalId));
        return twin ? { id: twin.id } : addComment(held, comment, files);
      }),
    parseWebhook: () => [],
    findTicket: (externalId) =>
      script.play("findTicket", () => {
        const found = held.tickets.find((ticket) => ticket.externalId === externalId && isVisible(ticket));
        return found && { id: found.id };
      }),
    findComment: (ticketId, externalId) =>
      script.play("findComment", () => {
        const found = held.comments.find(
          (comment) =>
            comment.ticketId === ticketId && comment.externalId === externalId && isVisible(comment),
        );
        return found && { id: found.id };
      }),
    ...(options.canUpdate === false
      ? {}
      : {
          updateTicket: (id: string, { status }: { status: TicketStatus }) =>
            script.play("updateTicket", () => {
              ticketOf(held, id).status = status;
            }),
        }),
  };
}

function upsertContact(held: Held, key: ContactKey, record: HeldContact["record"]): { id: string } {
  const known = held.contacts.find((contact) => contact.key.externalId === key.externalId);
  if (known) {
    Object.assign(known, { key, record });
    return { id: known.id };
  }
  const contact = { id: held.newId("contact"), key, record };
  held.contacts.push(contact);
  return { id: contact.id };
}

function createTicket(held: Held, ticket: NewTicket, files: HeldComment["files"]): { id: string } {
  const hasPerson = ticket.message !== undefined || held.contacts.some(({ id }) => id === ticket.contactId);
  if (!hasPerson) throw pluginError("not_found")();
  const made: HeldTicket = { ...ticket, id: held.newId("ticket"), status: "new", files };
  held.tickets.push(made);
  return { id: made.id };
}

function addComment(held: Held, comment: NewComment, files: HeldComment["files"]): { id: string } {
  ticketOf(held, comment.ticketId);
  const { attachments: _, ...rest } = comment;
  const made: HeldComment = { ...rest, id: held.newId("comment"), files };
  held.comments.push(made);
  return { id: made.id };
}

function readFiles(files: Attachment[], maxBytes: number): Promise<HeldComment["files"]> {
  return Promise.all(files.map((file) => readFile(file, maxBytes)));
}

async function readFile({ name, mimeType, size, open }: Attachment, maxBytes: number) {
  const chunks: Buffer[] = [];
  for await (const chunk of open()) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== size) throw new Error(`a file of ${bytes.length} bytes was announced with ${size}`);
  if (bytes.length > maxBytes) throw pluginError("rejected")();
  return { name, mimeType, bytes };
}

function ticketOf(held: Held, id: string): HeldTicket {
  const ticket = held.tickets.find((one) => one.id === id);
  if (!ticket) throw pluginError("not_found")();
  return ticket;
}

function remove<T>(list: T[], matches: (item: T) => boolean): void {
  for (let index = list.length - 1; index >= 0; index--) {
    const item = list[index];
    if (item !== undefined && matches(item)) list.splice(index, 1);
  }
}
