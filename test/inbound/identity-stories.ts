import { changeStories } from "./identity-change-stories.ts";
import {
  again,
  both1,
  one,
  P1,
  P2,
  parent,
  receipt,
  type Story,
  says,
  two,
  U1,
  U2,
} from "./identity-telling.ts";

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

/** Who somebody is, told in webhooks. */
export const stories: Story[] = [...sightings, ...spellings, ...changeStories];
