import type { Measured } from "./parts.ts";
import type { Spread } from "./statistics.ts";

/** One figure beside what it must be. */
export interface Goal {
  what: string;
  value: number;
  /** Whether a small value is the good one. */
  isCost: boolean;
  must: number;
  aim: number;
}

/** Every figure that has a goal and was measured. */
export function goalsOf(measured: Measured): Goal[] {
  return [
    ...intakeGoals(measured),
    ...pathGoals(measured),
    ...otherGoals(measured),
    ...peerGoals(measured),
    ...againstGoals(measured),
  ];
}

/** The last line of `npm run bench`. */
export function asRows(goals: Goal[]) {
  const rows = goals.map(({ what, value, isCost, must, aim }) => {
    const sign = isCost ? "<=" : ">=";
    return { name: what, value: Number(value.toFixed(3)), must: `${sign} ${must}`, aim: `${sign} ${aim}` };
  });
  return { rows };
}

export function isMet({ value, isCost, ...goal }: Goal, which: "must" | "aim"): boolean {
  return isCost ? value <= goal[which] : value >= goal[which];
}

const ratio = (one: Spread, other: Spread) => one.median / other.median;
const gain = (what: string, value: number, must: number, aim: number): Goal => ({
  what,
  value,
  isCost: false,
  must,
  aim,
});
const cost = (what: string, value: number, must: number, aim: number): Goal => ({
  what,
  value,
  isCost: true,
  must,
  aim,
});

function intakeGoals({ intake, calls }: Measured): Goal[] {
  const goals: Goal[] = [];
  if (intake) {
    const [limit, always, everysec] = intake.result.rows;
    if (!limit || !always || !everysec) throw new Error("a server was not measured");
    goals.push(
      gain("durable, deduplicated, ordered intake / limit", ratio(always.perSecond, limit.perSecond), 0.5, 1),
      gain("intake with fsync always / everysec", ratio(always.perSecond, everysec.perSecond), 0.85, 0.95),
      cost("p99 of the acknowledgement at 4,000 webhooks/s / limit", ratio(always.p99, limit.p99), 3, 1.5),
      cost("bytes of Redis a waiting text event", intake.result.bytesAWaitingEvent, 2048, 1024),
    );
  }
  if (!calls) return goals;
  const { ours, stockAxios } = calls.result;
  return [...goals, cost("CPU of a helpdesk call / stock axios", ratio(ours, stockAxios), 0.5, 0.3)];
}

function pathGoals({ path }: Measured): Goal[] {
  if (!path) return [];
  const { ours, byHand, callsAMessage, bytesAnIdleConversation } = path.result;
  return [
    gain("whole path, two calls a message / by hand", ratio(ours, byHand), 1.2, 1.8),
    cost("helpdesk calls a message, steady state", callsAMessage, 1, 0.8),
    cost("bytes of Redis an idle conversation", bytesAnIdleConversation, 1024, 512),
  ];
}

function otherGoals({ ordered, receipts, workers }: Measured): Goal[] {
  const goals: Goal[] = [];
  if (ordered) {
    const { ordered: inOrder, unordered } = ordered.result;
    goals.push(gain("ordered / unordered", ratio(inOrder, unordered), 0.9, 1));
  }
  if (receipts) goals.push(cost("helpdesk calls a receipt", receipts.result.callsAReceipt, 0.1, 0.05));
  if (workers && "one" in workers.result) {
    const { one, two } = workers.result;
    goals.push(
      gain("two workers / one, where mappings take the time", ratio(two.perSecond, one.perSecond), 1.6, 1.9),
    );
  }
  return goals;
}

function peerGoals({ path }: Measured): Goal[] {
  if (!path) return [];
  const { ours, residentBytes, peers } = path.result;
  const memory = Math.max(...Object.values(residentBytes));
  return Object.entries(peers).flatMap(([name, peer]) => [
    gain(`whole path, two calls a message / ${name}`, ratio(ours, peer.perSecond), 1.5, 2.5),
    cost(`most memory of our largest process / ${name}`, memory / peer.residentBytes, 0.8, 0.6),
  ]);
}

/** Better or equal, to two digits: figures that did not change differ by noise. */
function againstGoals({ against }: Measured): Goal[] {
  if (!against) return [];
  const { commit, rows } = against.result;
  return rows.map(({ what, isCost, before, now }) => {
    const better = isCost ? ratio(before, now) : ratio(now, before);
    return gain(`better than ${commit} by: ${what}`, Math.round(better * 100) / 100, 1, 1);
  });
}
