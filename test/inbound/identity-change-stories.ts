import {
  again,
  both1,
  moved,
  newNumber,
  newUserId,
  notice,
  one,
  P1,
  P2,
  P3,
  receipt,
  type Story,
  says,
  two,
  U1,
  U2,
  U3,
} from "./identity-telling.ts";

const changes: Story[] = [
  {
    story: "a new number, announced by phone alone",
    steps: [says({ phone: P1 }), newNumber({ wa_id: P2 }, P1)],
    end: [{ phone: P2 }],
    ...one,
  },
  {
    story: "a new number, announced in the old form",
    steps: [says({ phone: P1 }), newNumber({ new_wa_id: P2, customer: P1 })],
    end: [{ phone: P2 }],
    ...one,
  },
  {
    story: "a new number, not announced",
    steps: [says(both1)],
    end: [{ user: U1, phone: P2 }, { phone: P2 }],
    ...one,
  },
  {
    story: "a new number and user id, announced",
    steps: [says(both1), moved(U1, U2, P1, P2)],
    end: [{ user: U2, phone: P2 }, { user: U2 }],
    ...one,
  },
  {
    story: "a number changed twice",
    steps: [says(both1), moved(U1, U2, P1, P2), says({ user: U2, phone: P2 }), moved(U2, U3, P2, P3)],
    end: [{ user: U3, phone: P3 }, { phone: P3 }],
    ...one,
  },
  {
    story: "a number changed twice, by phone alone",
    steps: [says({ phone: P1 }), newNumber({ wa_id: P2 }, P1), newNumber({ wa_id: P3 }, P2)],
    end: [{ phone: P3 }, { phone: P1 }],
    ...one,
  },
  {
    story: "a number changed there and back",
    steps: [says({ phone: P1 }), newNumber({ wa_id: P2 }, P1), newNumber({ wa_id: P1 }, P2)],
    end: [{ phone: P1 }],
    ...one,
  },
  {
    story: "a new user id, announced",
    steps: [says({ user: U1 }), newUserId(U1, U2)],
    end: [{ user: U2 }],
    ...one,
  },
  {
    story: "a new user id, announced, number kept",
    steps: [says(both1), newUserId(U1, U2)],
    end: [{ user: U2, phone: P1 }],
    ...one,
  },
  {
    story: "a user id changed twice",
    steps: [says({ user: U1 }), newUserId(U1, U2), newUserId(U2, U3)],
    end: [{ user: U3 }],
    ...one,
  },
  {
    story: "a notice twice",
    steps: [says(both1), moved(U1, U2, P1, P2), again],
    end: [{ user: U2, phone: P2 }],
    ...one,
  },
  {
    story: "a notice of a stranger, then the stranger",
    steps: [moved(U1, U2, P1, P2)],
    end: [{ user: U2 }, { phone: P2 }],
    ...one,
  },
  {
    story: "a notice of a stranger, then the stranger as before",
    steps: [moved(U1, U2, P1, P2)],
    end: [both1],
    ...one,
  },
  {
    story: "a device changed",
    steps: [says(both1), notice("customer_identity_changed", { identity: "abc" }, P1)],
    end: [both1],
    ...one,
  },
  {
    story: "a notice between messages under the old and the new user id",
    steps: [says(both1), newUserId(U1, U2), says({ user: U1 })],
    end: [{ user: U2 }],
    ...one,
  },
  {
    story: "a notice after the first message under the new ids",
    steps: [says(both1), says({ user: U2, phone: P2 }), moved(U1, U2, P1, P2)],
    end: [{ user: U2, phone: P2 }, { user: U2 }, { phone: P2 }],
    mailboxes: 1,
    contacts: 2,
  },
  {
    story: "a notice of a new user id after the first message under it",
    steps: [says({ user: U1 }), says({ user: U2 }), newUserId(U1, U2)],
    end: [{ user: U2 }, { user: U1 }],
    mailboxes: 1,
    contacts: 2,
  },
  {
    story: "a late notice of somebody who had been known by phone alone",
    steps: [says({ phone: P1 }), says({ user: U2, phone: P2 }), newNumber({ user_id: U2, wa_id: P2 }, P1)],
    end: [{ user: U2, phone: P2 }, { phone: P1 }],
    mailboxes: 1,
    contacts: 2,
  },
];

const merges: Story[] = [
  {
    story: "by phone and by user id, then by both",
    steps: [says({ phone: P1 }), says({ user: U1 })],
    end: [both1, { phone: P1 }, { user: U1 }],
    mailboxes: 1,
    contacts: 2,
  },
  {
    story: "by user id and by phone, then a receipt by both",
    steps: [says({ user: U1 }), says({ phone: P1 }), receipt(both1)],
    end: [{ phone: P1 }, { user: U1 }],
    mailboxes: 1,
    contacts: 2,
  },
  {
    story: "by phone, then a receipt by user id, then by both: the contact there is goes on",
    steps: [says({ phone: P1 }), receipt({ user: U1 })],
    end: [both1, { user: U1 }],
    ...one,
  },
  {
    story: "by phone and by user id, then by both, then with a new number and user id",
    steps: [says({ phone: P1 }), says({ user: U1 }), says(both1), moved(U1, U2, P1, P2)],
    end: [{ user: U2, phone: P2 }, { phone: P2 }, { user: U1 }],
    mailboxes: 1,
    contacts: 2,
  },
];

const others: Story[] = [
  {
    story: "a number handed over to somebody with another user id",
    steps: [says(both1), says({ user: U2, phone: P1 })],
    end: [{ user: U1 }, { user: U2 }, { phone: P1 }],
    ...two,
  },
  {
    story: "a number handed over and back",
    steps: [says(both1), says({ user: U2, phone: P1 }), says(both1)],
    end: [{ user: U2 }, both1],
    ...two,
  },
  {
    story: "a number left by an announced change and taken by somebody else",
    steps: [says(both1), moved(U1, U2, P1, P2), says({ user: U3, phone: P1 })],
    end: [
      { user: U2, phone: P2 },
      { user: U3, phone: P1 },
    ],
    ...two,
  },
  {
    story: "a change to a number that somebody else has left",
    steps: [says({ phone: P2 }), says(both1), moved(U1, U3, P1, P2)],
    end: [{ user: U3, phone: P2 }, { phone: P2 }],
    mailboxes: 1,
    contacts: 2,
    written: 2,
  },
  {
    story: "a change to a first number, which somebody else has left",
    steps: [
      says({ phone: P2 }),
      says({ user: U1 }),
      newNumber({ previous_user_id: U1, user_id: U3, wa_id: P2 }),
    ],
    end: [{ user: U3, phone: P2 }, { phone: P2 }],
    mailboxes: 1,
    contacts: 2,
    written: 2,
  },
  {
    story: "a late notice about a number that somebody else has by now",
    steps: [says({ user: U3, phone: P1 }), newNumber({ previous_user_id: U1, wa_id: P2 }, P1)],
    end: [{ user: U3 }, { phone: P2 }],
    ...two,
  },
  {
    story: "somebody known by user id takes the number of a customer of old, having had another",
    steps: [says({ phone: P2 }), says(both1), says({ user: U1, phone: P2 })],
    end: [{ user: U1 }],
    mailboxes: 1,
    contacts: 2,
    written: 2,
  },
  {
    story: "two portfolios: another user id at each",
    steps: [says({ ...both1, to: 1 }), says({ user: U2, phone: P1, to: 2 })],
    end: [
      { user: U1, to: 1 },
      { user: U2, to: 2 },
    ],
    ...two,
  },
  {
    story: "two numbers of one portfolio: one contact, a conversation with each",
    steps: [says({ ...both1, to: 1 }), says({ ...both1, to: 2 })],
    end: [
      { user: U1, to: 1 },
      { user: U1, to: 2 },
    ],
    mailboxes: 2,
    contacts: 1,
    written: 1,
  },
  {
    story: "two portfolios: a change at one says nothing at the other",
    steps: [says({ ...both1, to: 1 }), says({ user: U2, phone: P1, to: 2 }), moved(U1, U3, P1, P2)],
    end: [
      { user: U3, phone: P2, to: 1 },
      { user: U2, phone: P1, to: 2 },
    ],
    ...two,
  },
];

/** People whose ids change, are learnt late or pass to somebody else. */
export const changeStories: Story[] = [...changes, ...merges, ...others];
