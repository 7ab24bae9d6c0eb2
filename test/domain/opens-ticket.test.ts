import { describe, expect, it } from "vitest";
import { type MessageType, messageTypes } from "../../src/domain/message.ts";
import { opensTicket } from "../../src/domain/opens-ticket.ts";

/** What nobody expects a ticket of; every other type does open one, so that no new type is lost. */
const remarks: MessageType[] = ["reaction", "edit", "deletion", "system", "welcome"];

describe("opensTicket", () => {
  it.each(messageTypes)("%s", (type) => {
    expect(opensTicket(type)).toBe(!remarks.includes(type));
  });
});
