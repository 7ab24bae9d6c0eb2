import { expect, it } from "vitest";
import type { Event } from "../../src/domain/event.ts";
import { tellGivenUp } from "../../src/outbound/tell-given-up.ts";
import { commentAdded, messageReceived, noteRequested, ticketChanged } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails, lostAnswer } from "../support/fake-helpdesk.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

const giveUp = (setup: OutboundSetup, event: Event) => tellGivenUp(event, setup.key, setup.tools);
const notes = (setup: OutboundSetup) => [...setup.notes.values()].map(({ text }) => text);
const WHY = ": it was tried again and again, and is given up; an operator can send it once more.";

it("P22: a reply that was given up is told on the ticket, once", async () => {
  const setup = await setUpOutbound();
  setup.whatsapp.script.always("send", fails("unavailable"));
  const event = commentAdded();
  await failureOf(setup.comment(event));
  await giveUp(setup, event);
  await giveUp(setup, event);
  expect(notes(setup)).toEqual([`The reply above was not sent to WhatsApp${WHY}`]);
});

it("keeps to the reason that was told when it happened", async () => {
  const setup = await setUpOutbound();
  setup.whatsapp.script.always("send", fails("rejected"));
  const event = commentAdded();
  await failureOf(setup.comment(event));
  await giveUp(setup, event);
  expect(notes(setup)).toEqual(["The reply above was not sent to WhatsApp: scripted: rejected."]);
});

it("says how much of it went out, or that nobody knows", async () => {
  const setup = await setUpOutbound();
  const body = `${"one two ".repeat(600)}`;
  const cut = commentAdded({ body });
  setup.whatsapp.script.next("send", "ok", fails("unavailable"));
  await failureOf(setup.comment(cut));
  await giveUp(setup, cut);
  const unclear = commentAdded();
  setup.whatsapp.script.next("send", lostAnswer());
  await failureOf(setup.comment(unclear));
  await giveUp(setup, unclear);
  expect(notes(setup)).toEqual([
    `Only the beginning of the reply above was sent to WhatsApp${WHY}`,
    `It is unknown whether the reply above was sent to WhatsApp${WHY}`,
  ]);
});

it("tells of a change, and of nothing that was never to leave", async () => {
  const setup = await setUpOutbound();
  const us = { id: "us", isUs: true };
  for (const event of [
    ticketChanged(),
    ticketChanged({ author: us }),
    commentAdded({ visibility: "internal" }),
    commentAdded({ author: us }),
    messageReceived(),
    noteRequested(),
  ]) {
    await giveUp(setup, event);
  }
  expect(notes(setup)).toEqual([`No confirmation of this change was sent to WhatsApp${WHY}`]);
});
