import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Stack } from "../../stack.ts";

/** One conversation that is played around a crash. */
export interface Part {
  stack: Stack;
  phone: string;
  /** Stands in every text of this play and in no other. */
  mark: string;
}

/** What both sides must hold at the end, and no more. */
export interface Expected {
  /** Marks of the person's messages: each in one comment, once. */
  messages: string[];
  /** Comments by us on the ticket; fewer than messages where some were joined. Absent: as many as messages. */
  comments?: { least: number; most: number };
  /** Marks of what the person must be sent, one send each. */
  sends: string[];
  files?: number;
}

export interface Scenario {
  /** With a process that will not crash. */
  prepare?(part: Part): Promise<void>;
  /** What leads past the crash point. */
  act(part: Part): Promise<void>;
  /** `act` happens while no process runs. */
  actsWhileDown?: boolean;
  expected(part: Part): Expected;
}

const photo = readFileSync(
  fileURLToPath(new URL("../../../src/sandbox/pages/samples/pothole.jpg", import.meta.url)),
).toString("base64");

const first = (mark: string) => `${mark} first`;
const second = (mark: string) => `${mark} second`;

async function write({ stack, phone }: Part, text: string, more: object = {}): Promise<void> {
  await stack.graph("POST", "/messages", { person: { phone, name: "Crash Test" }, text, ...more });
}

/** The helpdesk answers the next request of this kind so. */
function deskFails(part: Part, fault: object): Promise<unknown> {
  return part.stack.desk("POST", "/faults", { times: 1, ...fault });
}

/** Id of the person's ticket once its first comment is there. */
async function ticketOf({ stack, phone }: Part): Promise<string> {
  for (;;) {
    const { contacts, tickets } = await stack.deskLedger();
    const contact = contacts.find((one) => one.phone === phone);
    const ticket = tickets.find((one) => one.contact_id === contact?.id);
    if (ticket && ticket.comments.length > 0) return ticket.id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function open(part: Part): Promise<void> {
  await write(part, first(part.mark));
  await ticketOf(part);
}

async function staffReply(part: Part, more: object = {}): Promise<void> {
  const id = await ticketOf(part);
  const body = second(part.mark);
  await part.stack.desk("POST", `/tickets/${id}/comments`, { visibility: "public", body, ...more });
}

async function solve(part: Part): Promise<void> {
  await part.stack.desk("PATCH", `/tickets/${await ticketOf(part)}`, { status: "resolved" });
}

const oneMessage = ({ mark }: Part): Expected => ({ messages: [first(mark)], sends: [] });
const replied = ({ mark }: Part): Expected => ({ messages: [first(mark)], sends: [second(mark)] });
/** Staff also read one note about what did not go as it should. */
const withNote = { least: 2, most: 2 };

function several(count: number): Scenario["act"] {
  return async (part) => {
    const messages = Array.from({ length: count }, (_, index) => ({
      person: { phone: part.phone, name: "Crash Test" },
      text: numbered(part.mark, index),
    }));
    await part.stack.graph("POST", "/messages", { delivery: "batch", messages });
  };
}

const numbered = (mark: string, index: number) => `${mark} no${index}.`;

function severalMessages(count: number, fewest: number) {
  return ({ mark }: Part): Expected => ({
    messages: Array.from({ length: count }, (_, index) => numbered(mark, index)),
    comments: { least: fewest, most: count },
    sends: [],
  });
}

function message(fault?: object): Scenario {
  return {
    async act(part) {
      if (fault) await deskFails(part, fault);
      await write(part, first(part.mark));
    },
    expected: oneMessage,
  };
}

/** What people and staff do; each leads past other crash points. */
export const scenarios = {
  message: message(),
  photo: {
    act: (part) =>
      write(part, first(part.mark), { type: "image", media: { mimeType: "image/jpeg", base64: photo } }),
    expected: (part) => ({ ...oneMessage(part), files: 1 }),
  },
  retried: message({ operation: "ticket.create", status: 503 }),
  refused: message({ operation: "ticket.create", status: 422 }),
  unclear: message({ operation: "ticket.create", when: "after", reset: true }),
  unclearComment: message({ operation: "comment.add", when: "after", reset: true }),
  burst: { act: several(3), expected: severalMessages(3, 1) },
  separated: {
    async act(part) {
      await deskFails(part, { operation: "comment.add", status: 422 });
      await several(3)(part);
    },
    expected: severalMessages(3, 1),
  },
  many: { act: several(27), expected: severalMessages(27, 27) },
  reply: { prepare: open, act: staffReply, expected: replied },
  /** No receipt tells what became of the send before the crash: it is made once more, and no third time. */
  unheardReply: {
    async prepare(part) {
      await part.stack.graph("PUT", "/statuses", { lose: 1 });
      await open(part);
    },
    act: staffReply,
    expected: ({ mark }) => ({ messages: [first(mark)], sends: [second(mark), second(mark)] }),
  },
  replyWhileDown: { prepare: open, act: staffReply, actsWhileDown: true, expected: replied },
  /** Not a reply: with one goes a read mark, which would meet the fault first. */
  refusedConfirmation: {
    prepare: open,
    async act(part) {
      await part.stack.graph("POST", "/faults", { code: 131026, times: 1 });
      await solve(part);
    },
    expected: ({ mark }) => ({ messages: [first(mark)], sends: [first(mark)] }),
  },
  replyWithFile: {
    prepare: open,
    act: (part) =>
      staffReply(part, {
        // WhatsApp takes no empty file.
        attachments: [{ name: "plan.txt", mimeType: "text/plain", base64: "" }],
      }),
    expected: (part) => ({ ...replied(part), comments: withNote }),
  },
  /** WhatsApp takes the reply and says later that it may not go out; it is sent again as a template. */
  failedLater: {
    prepare: open,
    async act(part) {
      await part.stack.graph("POST", "/faults", { code: 131047, times: 1, delivery: "status" });
      await staffReply(part);
    },
    expected: ({ mark }) => ({
      messages: [first(mark)],
      comments: withNote,
      sends: [second(mark), second(mark)],
    }),
  },
  solved: {
    prepare: open,
    act: solve,
    expected: ({ mark }) => ({ messages: [first(mark)], sends: [first(mark)] }),
  },
  reopened: {
    async prepare(part) {
      await open(part);
      await solve(part);
      await sendTo(part);
    },
    act: (part) => write(part, second(part.mark)),
    expected: ({ mark }) => ({ messages: [first(mark), second(mark)], sends: [first(mark)] }),
  },
  /** After a loss of Redis only the helpdesk knows of the ticket. */
  forgotten: {
    prepare: open,
    act: (part) => write(part, second(part.mark)),
    expected: ({ mark }) => ({ messages: [first(mark), second(mark)], sends: [] }),
  },
  stop: {
    act: (part) => write(part, "STOP"),
    expected: () => ({ messages: ["STOP"], sends: [] }),
  },
} as const satisfies Record<string, Scenario>;

async function sendTo({ stack, phone }: Part): Promise<void> {
  while (!(await stack.graphLedger()).sends.some(({ person }) => person === phone)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type ScenarioName = keyof typeof scenarios;
