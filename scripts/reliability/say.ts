/** `lost 0, doubled 0, p99Ms 31` as people say it. */
export function said(figures: Readonly<Record<string, unknown>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${inWords(name)} ${typeof value === "number" ? inDigits(value) : String(value)}`)
    .join(", ");
}

function inWords(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}

function inDigits(value: number): string {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(3));
  return Math.abs(rounded) < 10_000 ? String(rounded) : rounded.toLocaleString("en");
}
