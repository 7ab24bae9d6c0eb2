import { type Guarantee, guarantees } from "./contract.ts";
import { coverageLines, crashPointLines, mutationLines, sabotageLines } from "./page-parts.ts";
import type { Result, RunHead } from "./result.ts";
import type { StoredRow } from "./row.ts";
import { said } from "./say.ts";

/** RELIABILITY.md, from what is stored in docs/reliability/; the same results give the same page. */
export function renderPage(results: ReadonlyMap<string, Result>): string {
  const machines = new Machines();
  const lines = [
    "# Reliability: what is promised, and what was measured",
    "",
    "Written by `npm run reliability -- --page` from the results in `docs/reliability`; never edited by hand. Each figure comes from",
    "processes that were really killed, frozen or starved, on the machine and with the seed named beside it. They are laboratory values:",
    "take the counts as counts and the times as orders of magnitude. How to measure them yourself: [docs/prove-it.md](docs/prove-it.md).",
    "",
    "Class A: the helpdesk itself keeps an external id unique. Class B: it can be asked for one. Class C: neither; there one double",
    "for each crash inside a create is possible, or the event is held for an operator ([decision 0005](docs/decisions/0005-intents-and-idempotency-classes.md)).",
    "",
    "## The contract",
    "",
    "| | Promise | Measured | Of | Run |",
    "|---|---|---|---|---|",
    ...contractLines(results, machines),
    "",
    ...section(
      "## Crash points",
      crashPointLines(results.get("crash-points"), (head) => machines.run(head)),
    ),
    ...section("## What happens without the protecting line", sabotageLines(results.get("sabotage"))),
    ...section(
      "## What the tests notice",
      mutationLines(results.get("mutation"), (head) => machines.run(head)),
    ),
    ...section(
      "## What the tests run",
      coverageLines(results.get("mutation"), (head) => machines.run(head)),
    ),
    ...section("## Programmes", programmeLines(results, machines)),
    "## Machines",
    "",
    ...machines.lines(),
  ];
  return `${lines.join("\n")}\n`;
}

/** Names machines by a letter, so that rows stay short. */
class Machines {
  readonly #known: string[] = [];

  run({ at, commit, machine, command, seconds, seed }: RunHead & { seed?: unknown }): string {
    if (!this.#known.includes(machine)) this.#known.push(machine);
    const letter = String.fromCharCode(65 + this.#known.indexOf(machine));
    const seeded = seed === undefined ? "" : `, seed ${String(seed)}`;
    return `\`${command}\`${seeded}, ${seconds} s, ${at.slice(0, 10)}, ${commit}, ${letter}`;
  }

  lines(): string[] {
    return this.#known.map((machine, index) => `- ${String.fromCharCode(65 + index)}: ${machine}`);
  }
}

function contractLines(results: ReadonlyMap<string, Result>, machines: Machines): string[] {
  const rows = rowsOf(results.get("guarantees"));
  return guarantees.map(({ id, promise, reason = "not measured so far" }: Guarantee) => {
    const row = rows.find((one) => one.id === id);
    if (!row) return `| ${id} | ${promise} | not claimed: ${reason} | | |`;
    const measured = row.passed ? said(row.figures) : `**not claimed**: it failed with ${said(row.figures)}`;
    return `| ${id} | ${promise} | ${measured} | ${said(row.n)} | ${machines.run(row)} |`;
  });
}

/** The rows of guarantees.json. */
export function rowsOf(result: Result | undefined): StoredRow[] {
  return (result?.["rows"] ?? []) as StoredRow[];
}

/** Programmes with a page or part of their own. */
const SHOWN_ABOVE = new Set(["guarantees", "crash-points", "sabotage", "mutation"]);
const HEAD = new Set(["at", "commit", "machine", "command", "seconds", "seed"]);

function programmeLines(results: ReadonlyMap<string, Result>, machines: Machines): string[] {
  const shown = [...results].filter(([name]) => !SHOWN_ABOVE.has(name));
  if (shown.length === 0) return [];
  const lines = shown.map(([name, result]) => {
    const figures = Object.entries(result).filter(
      ([key, value]) => !HEAD.has(key) && ["number", "string", "boolean"].includes(typeof value),
    );
    const lists = Object.entries(result).filter(
      ([key, value]) =>
        key === "seeds" && Array.isArray(value) && value.every((one) => typeof one === "number"),
    );
    const all = [...lists.map(([key, value]) => [key, (value as number[]).join(" ")] as const), ...figures];
    return `| ${name} | ${said(Object.fromEntries(all))} | ${machines.run(result)} |`;
  });
  return ["| Programme | Figures | Run |", "|---|---|---|", ...lines];
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [title, "", ...lines, ""];
}
