import { changed, type Disobedience } from "./disobedient.ts";

const asTickets = changed(({ capabilities }) => ({
  capabilities: { ...capabilities, messages: "tickets", changes: ["poll"] },
}));

/** Wrong in what they do where messages become tickets. */
export const ticketFaults: Disobedience[] = [
  {
    does: "declares that messages become tickets and drops their texts",
    caught: "P28: a text arrives whole",
    define: asTickets,
  },
  {
    does: "declares that messages become tickets and drops their files",
    caught: "P16: files arrive byte for byte",
    define: asTickets,
  },
  {
    does: "declares that messages become tickets and adds comments all the same",
    caught: "refused with a reason, as messages become tickets",
    define: asTickets,
  },
];
