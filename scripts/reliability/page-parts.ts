import type { Figures, Share } from "../covered/figures.ts";
import { guarantees } from "./contract.ts";
import type { Result, RunHead } from "./result.ts";
import { said } from "./say.ts";

/** What one crash point gave in all runs, as crash-points.json holds it. */
export interface PointResult {
  point: string;
  kills: number;
  wrong: number;
  slowestMs: number;
}

/** What taking one line out gave, as sabotage.json holds it. */
export interface SabotageResult {
  id: string;
  file: string;
  /** What was done to the line, in words. */
  without: string;
  /** The row failed, as it should. */
  noticed: boolean;
  figures: Record<string, number>;
}

/** What one group of files gave, as mutation.json holds it; `score` in percent, `interval` that of 95 %. */
export interface MutationGroup extends RunHead {
  score: number;
  interval: [number, number];
  /** Mutants that were tried, of how many there are. */
  mutants: number;
  of: number;
}

export function mutationLines(result: Result | undefined, run: (head: RunHead) => string): string[] {
  if (!result) return [];
  const core = Object.entries(result["core"] as Record<string, MutationGroup>);
  const rest = result["rest"] as MutationGroup | { note: string };
  const groups = "score" in rest ? [...core, ["rest of src", rest] as const] : core;
  return [
    "The code is changed in one small way after another, and the tests are asked whether they notice (docs/mutation.md):",
    "",
    "| | Score | 95 % | Tried | Run |",
    "|---|---|---|---|---|",
    ...groups.map(([name, group]) => {
      const { score, interval, mutants, of } = group;
      return `| ${name} | ${score} | ${interval.join(" to ")} | ${mutants} of ${of} | ${run(group)} |`;
    }),
  ];
}

/** How much of the code the tests ran, as mutation.json holds it; each run of them tells how it went. */
export interface CoverageResult extends Figures {
  rooms: Record<string, Figures>;
  runs: Record<string, RunHead & { tests: string }>;
}

export function coverageLines(result: Result | undefined, run: (head: RunHead) => string): string[] {
  const coverage = result?.["coverage"] as CoverageResult | { note: string } | undefined;
  if (!result || !coverage || "note" in coverage) return [];
  const { rooms, runs } = coverage;
  const said = ({ percent, covered, of }: Share) => `${percent} % | ${covered} of ${of}`;
  const row = (name: string, { statements, branches }: Figures) =>
    `| ${name} | ${said(statements)} | ${said(branches)} |`;
  return [
    "What the tests ran of each room (docs/mutation.md):",
    "",
    "| | Statements | | Branches | |",
    "|---|---|---|---|---|",
    ...Object.entries(rooms).map(([name, one]) => row(name, one)),
    row("**all**", coverage),
    "",
    ...Object.values(runs).map((one) => `- ${run(one)}; tests: ${one.tests}`),
  ];
}

export function crashPointLines(result: Result | undefined, run: (head: RunHead) => string): string[] {
  if (!result) return [];
  const points = result["points"] as PointResult[];
  const kills = points.reduce((sum, point) => sum + point.kills, 0);
  const wrong = points.reduce((sum, point) => sum + point.wrong, 0);
  const slowest = Math.max(...points.map(({ slowestMs }) => slowestMs));
  const fewest = Math.min(...points.map((point) => point.kills));
  return [
    `${points.length} places of the code where two durable effects stand next to each other. A real process ended itself there with SIGKILL,`,
    `at least ${fewest} times at each, with connectors of class A and of class B where both come past; another one went on.`,
    "",
    `- ${said({ kills, wrong })}: a ticket, comment, send or record that was missing or doubled`,
    `- the slowest conversation was whole ${(slowest / 1000).toFixed(1)} s after its crash, settle times included`,
    ...(result["runs"] as RunHead[]).map((head) => `- ${run(head)}`),
    "",
    `Points: ${points.map(({ point }) => `\`${point}\``).join(" ")}`,
  ];
}

export function sabotageLines(result: Result | undefined): string[] {
  if (!result) return [];
  const lines = result["lines"] as SabotageResult[];
  const order: readonly string[] = guarantees.map(({ id }) => id);
  const sorted = lines.toSorted((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
  return [
    "A row that cannot fail proves nothing. Each line was taken out of a copy of the code, and the row run again:",
    "",
    "| | Taken out | File | Then |",
    "|---|---|---|---|",
    ...sorted.map(({ id, without, file, noticed, figures }) => {
      const then = noticed ? `fails: ${said(figures)}` : `**not noticed**: ${said(figures)}`;
      return `| ${id} | ${without} | \`${file}\` | ${then} |`;
    }),
  ];
}
