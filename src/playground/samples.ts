import type { ConfirmationInput } from "../domain/mapping-input.ts";
import { type TicketStatus, ticketStatuses } from "../domain/ticket.ts";
import type { ReadPayload, Sample, Start } from "./protocol.ts";
import { sampleMessages } from "./sample-messages.ts";

/** What the page offers to try a mapping with: messages, read by the real parser, and changes of a ticket's status. */
export function createSamples(
  readPayload: (channelType: string, body: string) => ReadPayload,
): Start["samples"] {
  return [
    {
      group: "Messages",
      samples: sampleMessages.flatMap(({ title, body }) => {
        const { found } = readPayload("meta", body);
        return found.map(({ inputs }) => ({ title, inputs }));
      }),
    },
    { group: "Changes of a ticket", samples: sampleChanges() },
  ];
}

function sampleChanges(): Sample[] {
  const inWindow = ticketStatuses.map((to) => changeTo(to, "open"));
  return [...inWindow, changeTo("solved", "closed")];
}

function changeTo(to: TicketStatus, window: ConfirmationInput["window"]): Sample {
  const confirmation: ConfirmationInput = {
    channel: "city",
    person: { userId: "KE.13491208655302741918", phone: "+254711222333", name: "Amina Otieno" },
    event: {
      type: "ticket.changed",
      to,
      at: "2026-11-20T14:30:00.000Z",
      ...(to === "new" ? {} : { from: "open" }),
    },
    ticket: {
      id: "4711",
      externalId: "deskferry/city/9b1f0c2d/1",
      subject: "The water pump at the school is broken.",
      status: to,
      rawStatus: to,
      assignee: "maya",
      queue: "Water works",
    },
    window,
  };
  const title = `${to}${window === "closed" ? ", 24-hour window closed" : ""}`;
  return { title, inputs: { confirmation } };
}
