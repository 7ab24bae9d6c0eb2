import { type CrashPoint, crashPoints } from "../../../src/telemetry/crash-point.ts";
import type { PointResult } from "../page-parts.ts";
import { type Result, type RunHead, readResults, writeResult } from "../result.ts";
import type { PlayResult } from "./lane.ts";
import type { Play } from "./plays.ts";

/** A point over all runs since it was last forgotten. */
interface StoredPoint extends PointResult {
  point: CrashPoint;
  /** Whole only after its waits and 5 s. */
  late: number;
  /** How often each play was played with a class, by `keyOf`. */
  played: Record<string, number>;
  problems: string[];
}

const keyOf = ({ scenario, passing }: Play, idempotency: "A" | "B") =>
  `class ${idempotency}, ${scenario}, passing ${passing}`;

/** What earlier runs have stored, and this one adds to it. `isForgotten`: points that begin anew. */
export function openPoints(isForgotten: (point: CrashPoint) => boolean) {
  const stored = readResults().get("crash-points");
  const before = ((stored?.["points"] ?? []) as StoredPoint[]).filter(({ point }) => !isForgotten(point));
  const runs = before.length > 0 ? ((stored?.["runs"] ?? []) as RunHead[]) : [];
  const of = (name: CrashPoint) => before.find(({ point }) => point === name);

  return {
    playedBefore: (play: Play, idempotency: "A" | "B") =>
      of(play.point)?.played[keyOf(play, idempotency)] ?? 0,
    /** Writes docs/reliability/crash-points.json, and gives what it now holds. */
    add(results: readonly PlayResult[], head: RunHead): StoredPoint[] {
      const points = crashPoints.flatMap((name) => {
        const theirs = results.filter(({ play }) => play.point === name);
        const sum = [...theirs.map(pointOf), of(name)].reduce(
          (one, other) => one && plus(one, other),
          empty(name),
        );
        return sum && Object.keys(sum.played).length > 0 ? [sum] : [];
      });
      writeResult("crash-points", { ...head, runs: [...runs, head], points } satisfies Result);
      return points;
    },
  };
}

const empty = (point: CrashPoint): StoredPoint | undefined => ({
  ...{ point, kills: 0, wrong: 0, late: 0, slowestMs: 0 },
  ...{ played: {}, problems: [] },
});

/** What was found afterwards of a play is no play of its own: it has no kill, but a problem. */
function pointOf({ play, idempotency, kills, problems, isLate, ms }: PlayResult): StoredPoint {
  const key = keyOf(play, idempotency);
  return {
    ...{ point: play.point, kills, wrong: problems.length > 0 ? 1 : 0, late: isLate ? 1 : 0, slowestMs: ms },
    played: { [key]: kills },
    problems: problems.map((problem) => `class ${idempotency}: ${problem}`),
  };
}

function plus(one: StoredPoint, other: StoredPoint | undefined): StoredPoint {
  if (!other) return one;
  const keys = new Set([...Object.keys(one.played), ...Object.keys(other.played)]);
  return {
    point: one.point,
    kills: one.kills + other.kills,
    wrong: one.wrong + other.wrong,
    late: one.late + other.late,
    slowestMs: Math.max(one.slowestMs, other.slowestMs),
    played: Object.fromEntries(
      [...keys].map((key) => [key, (one.played[key] ?? 0) + (other.played[key] ?? 0)]),
    ),
    problems: [...other.problems, ...one.problems],
  };
}
