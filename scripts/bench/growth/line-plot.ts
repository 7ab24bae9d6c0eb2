/** A line of a plot: told from the others by marks and dashes as well as by colour. */
export interface Line {
  name: string;
  /** In ascending order of x. */
  points: readonly { x: number; y: number }[];
}

export interface Panel {
  title: string;
  /** Of the y axis. */
  unit: string;
  lines: readonly Line[];
}

export interface Plot {
  title: string;
  /** What the plot shows, in a sentence: for who cannot see it. */
  description: string;
  /** Of the x axis, which is logarithmic. */
  x: string;
  panels: readonly Panel[];
}

const SIZE = { width: 440, height: 320, left: 62, right: 18, top: 62, bottom: 52 };
/** Dark enough on white for texts, too: at least 4.5 to 1. */
const STYLES = [
  { colour: "#0b5cad", dash: "" },
  { colour: "#a33b00", dash: "7 4" },
  { colour: "#2e6b30", dash: "2 3" },
] as const;

/** An SVG of panels side by side, each with an axis from zero. */
export function plotLines({ title, description, x, panels }: Plot): string {
  const width = SIZE.width * panels.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${SIZE.height}" role="img" aria-labelledby="t d" font-family="sans-serif" font-size="12">
<title id="t">${escaped(title)}</title>
<desc id="d">${escaped(description)}</desc>
<rect width="${width}" height="${SIZE.height}" fill="#ffffff"/>
${panels.map((panel, index) => drawPanel(panel, index * SIZE.width, x)).join("\n")}
</svg>
`;
}

type Scale = (value: number) => number;

function drawPanel({ title, unit, lines }: Panel, offset: number, xName: string): string {
  const all = lines.flatMap(({ points }) => points);
  const xs = [...new Set(all.map((point) => point.x))].sort((a, b) => a - b);
  const most = niceAbove(Math.max(...all.map((point) => point.y)));
  const [first = 1, last = 1] = [xs[0], xs.at(-1)];
  const inner = { width: SIZE.width - SIZE.left - SIZE.right, height: SIZE.height - SIZE.top - SIZE.bottom };
  const toX: Scale = (value) =>
    SIZE.left + (Math.log(value / first) / (Math.log(last / first) || 1)) * inner.width;
  const toY: Scale = (value) => SIZE.top + inner.height * (1 - value / most);
  return `<g transform="translate(${offset} 0)">
<text x="${SIZE.left}" y="20" font-size="14" font-weight="bold" fill="#222222">${escaped(title)}</text>
${grid(most, toY, unit)}
${xLabels(xs, toX, xName)}
${lines.map((line, index) => drawLine(line, index, { toX, toY })).join("\n")}
</g>`;
}

function grid(most: number, toY: Scale, unit: string): string {
  const right = SIZE.width - SIZE.right;
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = toY(share * most).toFixed(1);
    return `<line x1="${SIZE.left}" y1="${y}" x2="${right}" y2="${y}" stroke="#d0d0d0"/>
<text x="${SIZE.left - 6}" y="${Number(y) + 4}" text-anchor="end" fill="#222222">${short(share * most)}</text>`;
  });
  return `${rows.join("\n")}
<text x="${SIZE.left - 6}" y="${SIZE.top - 12}" text-anchor="end" fill="#222222">${escaped(unit)}</text>`;
}

function xLabels(xs: readonly number[], toX: Scale, name: string): string {
  const bottom = SIZE.height - SIZE.bottom;
  let free = Number.NEGATIVE_INFINITY;
  const labels = xs.map((value) => {
    const at = toX(value);
    const tick = `<line x1="${at.toFixed(1)}" y1="${bottom}" x2="${at.toFixed(1)}" y2="${bottom + 5}" stroke="#222222"/>`;
    if (at < free) return tick;
    free = at + 44;
    return `${tick}
<text x="${at.toFixed(1)}" y="${bottom + 19}" text-anchor="middle" fill="#222222">${short(value)}</text>`;
  });
  const middle = (SIZE.left + SIZE.width - SIZE.right) / 2;
  return `${labels.join("\n")}
<text x="${middle}" y="${bottom + 40}" text-anchor="middle" fill="#222222">${escaped(name)}</text>`;
}

function drawLine({ name, points }: Line, index: number, { toX, toY }: { toX: Scale; toY: Scale }): string {
  const { colour, dash } = STYLES[index % STYLES.length] ?? STYLES[0];
  const places = points.map(({ x, y }) => ({ x: toX(x), y: toY(y) }));
  const path = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const key = { x: SIZE.left + 4 + index * 120, y: 38 };
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>
${places.map((place) => mark(place, index, colour)).join("")}
<line x1="${key.x}" y1="${key.y}" x2="${key.x + 24}" y2="${key.y}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>
${mark({ x: key.x + 12, y: key.y }, index, colour)}
<text x="${key.x + 30}" y="${key.y + 4}" fill="${colour}">${escaped(name)}</text>`;
}

function mark({ x, y }: { x: number; y: number }, index: number, colour: string): string {
  const [left, top] = [x.toFixed(1), y.toFixed(1)];
  if (index % 2 === 0) return `<circle cx="${left}" cy="${top}" r="4" fill="${colour}"/>`;
  return `<rect x="${(x - 4).toFixed(1)}" y="${(y - 4).toFixed(1)}" width="8" height="8" fill="${colour}"/>`;
}

/** The least of 1, 2, 4, 6, 8, 10 times a power of ten that is no smaller. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 2, 4, 6, 8].find((factor) => factor * power >= value) ?? 10) * power;
}

/** 1500 → 1.5k */
function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1000) return `${Number((value / 1000).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
