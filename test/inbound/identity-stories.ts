/** What one payload shows of somebody, as Meta writes it: phone numbers without `+`. */
export interface Shown {
  user?: string;
  phone?: string;
  parent?: string;
  /** Number of the business that it was sent to; the first if absent. */
  to?: 1 | 2;
}

export type Step =
  | { says: Shown }
  | { notice: { system: Record<string, string>; from?: string; to?: 1 | 2 } }
  | { receipt: Shown }
  /** Meta sends the last webhook once more. */
  | { again: true };

export interface Story {
  story: string;
  steps: Step[];
  /** How everybody shows in the end, one each: to be told apart, or not, into this many mailboxes. */
  end: Shown[];
  mailboxes: number;
  /** In the helpdesk; a contact that was made before two were known to be one stays there. */
  contacts: number;
  /** Contacts that we still write to; as many as there are mailboxes if absent. */
  written?: number;
}

// Ofcom keeps +44 7700 900000 to 900999 for fiction.
const [P1, P2, P3] = ["447700900101", "447700900102", "447700900103"];
const [U1, U2, U3] = ["GB.1000000000000001", "GB.1000000000000002", "GB.1000000000000003"];
const parent = "GB.ENT.1000000000000009";

const says = (shown: Shown): Step => ({ says: shown });
const receipt = (shown: Shown): Step => ({ receipt: shown });
const notice = (type: string, system: Record<string, string>, from?: string): Step => ({
  notice: { system: { type, ...system }, ...(from ? { from } : {}) },
});
const newNumber = (system: Record<string, string>, from?: string) =>
  notice("user_changed_number", system, from);
const newUserId = (previous: string, now: string) =>
  notice("user_changed_user_id", { previous_user_id: previous, user_id: now });
/** As of 2026 a new phone number brings a new user id. */
const moved = (previous: string, now: string, from: string, to: string) =>
  newNumber({ previous_user_id: previous, user_id: now, wa_id: to }, from);
const again: Step = { again: true };
const one = { mailboxes: 1, contacts: 1 };
const two = { mailboxes: 2, contacts: 2 };

const both1 = { user: U1, phone: P1 };

const sightings: Story[] = [
  { story: "by phone, twice", steps: [says({ phone: P1 })], end: [{ phone: P1 }], ...one },
  { story: "by phone, then by both", steps: [says({ phone: P1 })], end: [both1, { user: U1 }], ...one },
  {
    story: "by phone, by both, then by user id",
    steps: [says({ phone: P1 }), says(both1)],
    end: [{ user: U1 }],
    ...one,
  },
  { story: "by user id, then by both", steps: [says({ user: U1 })], end: [both1, { phone: P1 }], ...one },
  { story: "by both, then by either", steps: [says(both1)], end: [{ user: U1 }, { phone: P1 }], ...one },
  { story: "by user id all the time", steps: [says({ user: U1 })], end: [{ user: U1 }], ...one },
  { story: "the same webhook twice", steps: [says(both1), again], end: [both1], ...one },
  { story: "a user id in the phone field", steps: [says({ user: U1 })], end: [{ phone: U1 }], ...one },
  { story: "a user id in the phone field first", steps: [says({ phone: U1 })], end: [both1], ...one },
  { story: "a receipt first", steps: [receipt(both1)], end: [{ phone: P1 }, { user: U1 }], ...one },
  {
    story: "a receipt that brings the user id",
    steps: [says({ phone: P1 }), receipt(both1)],
    end: [{ user: U1 }],
    ...one,
  },
  { story: "a receipt by user id alone", steps: [says(both1), receipt({ user: U1 })], end: [both1], ...one },
  {
    story: "two by phone",
    steps: [says({ phone: P1 }), says({ phone: P2 })],
    end: [{ phone: P1 }, { phone: P2 }],
    ...two,
  },
  {
    story: "two by user id",
    steps: [says({ user: U1 }), says({ user: U2 })],
    end: [{ user: U1 }, { user: U2 }],
    ...two,
  },
  {
    story: "two, one by phone and one by user id",
    steps: [says({ phone: P1 })],
    end: [{ user: U2 }, { phone: P1 }],
    ...two,
  },
  {
    story: "a parent's id beside one's own",
    steps: [says({ ...both1, parent })],
    end: [{ user: U1 }],
    ...one,
  },
];

/** P02, P03: the two spellings of one number, either first. */
const spellings: Story[] = [
  ["Brazil, ninth digit", "5511987654321", "551187654321"],
  ["Mexico, 1", "5215512345678", "525512345678"],
  ["Argentina, 9", "5491112345678", "541112345678"],
].flatMap(([what = "", long = "", short = ""]) => [
  { story: `${what}: long, then short`, steps: [says({ phone: long })], end: [{ phone: short }], ...one },
  { story: `${what}: short, then long`, steps: [says({ phone: short })], end: [{ phone: long }], ...one },
  {
    story: `${what}: short, then long with a user id, then the user id`,
    steps: [says({ phone: short }), says({ phone: long, user: U1 })],
    end: [{ user: U1 }, { phone: short }],
    ...one,
  },
]);

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

export const stories: Story[] = [...sightings, ...spellings, ...changes, ...merges, ...others];
