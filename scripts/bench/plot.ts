import { type Goal, isMet } from "./goals.ts";

const BAR = { left: 410, width: 300, height: 22, gap: 14 };
/** Bars end here, as a multiple of the goal. */
const MOST = 2;
const WIDTH = 800;

/** How much of each goal is reached: the line is what must be, and longer is better, also for costs. */
export function plotGoals(goals: readonly Goal[]): string {
  const height = 40 + goals.length * (BAR.height + BAR.gap);
  const line = BAR.left + BAR.width / MOST;
  const bars = goals.map((goal, index) => bar(goal, 34 + index * (BAR.height + BAR.gap)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="t" font-family="sans-serif" font-size="13">
<title id="t">Each figure as a share of what it must be; longer is better</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="${line}" y="20" text-anchor="middle" fill="#222222">must be</text>
${bars.join("\n")}
<line x1="${line}" y1="26" x2="${line}" y2="${height - 8}" stroke="#222222" stroke-dasharray="4 3"/>
</svg>
`;
}

function bar(goal: Goal, y: number): string {
  const { what, value, isCost, must } = goal;
  const share = isCost ? must / value : value / must;
  const width = (Math.min(share, MOST) / MOST) * BAR.width;
  const colour = isMet(goal, "must") ? "#2e7d32" : "#b26a00";
  const middle = y + BAR.height / 2 + 4;
  return `<text x="${BAR.left - 8}" y="${middle}" text-anchor="end" fill="#222222">${what.replace("&", "&amp;")}</text>
<rect x="${BAR.left}" y="${y}" width="${width.toFixed(0)}" height="${BAR.height}" fill="${colour}"/>
<text x="${BAR.left + width + 6}" y="${middle}" fill="#222222">${figure(value)}</text>`;
}

/** A figure as the page shows it. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
