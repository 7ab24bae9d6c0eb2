import type { GuaranteeId } from "./contract.ts";
import { rowsOf } from "./page.ts";
import { readResults, startRun, writeResult } from "./result.ts";
import type { MeasureRow, RowOptions, StoredRow } from "./row.ts";
import { measureAccounts } from "./rows/accounts.ts";
import { measureCreates } from "./rows/creates.ts";
import { measureDuplicates } from "./rows/duplicates.ts";
import { measureFailover } from "./rows/failover.ts";
import { measureIntake } from "./rows/intake.ts";
import { measureIsolation } from "./rows/isolation.ts";
import { measureKills } from "./rows/kills.ts";
import { measureOrder } from "./rows/order.ts";
import { measureOverload } from "./rows/overload.ts";
import { measurePower } from "./rows/power.ts";
import { measurePrivacy } from "./rows/privacy.ts";
import { measureSends } from "./rows/sends.ts";
import { measureShutdown } from "./rows/shutdown.ts";

/** Who measures what; by the name that `--row` takes. */
export const rows: Record<string, { gives: GuaranteeId[]; measure: MeasureRow }> = {
  kills: { gives: ["G1"], measure: measureKills },
  power: { gives: ["G2"], measure: measurePower },
  failover: { gives: ["G3"], measure: measureFailover },
  creates: { gives: ["G6", "G7"], measure: measureCreates },
  order: { gives: ["G9"], measure: measureOrder },
  accounts: { gives: ["G11"], measure: measureAccounts },
  intake: { gives: ["G4"], measure: measureIntake },
  sends: { gives: ["G8"], measure: measureSends },
  isolation: { gives: ["G10"], measure: measureIsolation },
  shutdown: { gives: ["G12"], measure: measureShutdown },
  privacy: { gives: ["G13"], measure: measurePrivacy },
  overload: { gives: ["G14"], measure: measureOverload },
  duplicates: { gives: ["G5"], measure: measureDuplicates },
};

/** Measures these rows, one after the other, and keeps what they gave beside what other rows gave before. */
export async function measureRows(names: readonly string[], options: RowOptions): Promise<StoredRow[]> {
  const run = startRun("npm run reliability");
  const measured: StoredRow[] = [];
  for (const name of names) {
    const row = rows[name];
    if (!row) throw new Error(`no row is called ${name}; there are ${Object.keys(rows).join(", ")}`);
    const ofRow = startRun(`npm run reliability -- --row ${name}`);
    options.say(`${name}: seed ${options.seed}`);
    for (const one of await row.measure(options)) {
      options.say(`${one.id}: ${JSON.stringify(one.figures)}`);
      measured.push({ ...ofRow(), seed: options.seed, ...one });
    }
  }
  if (!options.quick) keep(measured, run());
  return measured;
}

function keep(measured: StoredRow[], head: ReturnType<ReturnType<typeof startRun>>): void {
  const before = rowsOf(readResults().get("guarantees"));
  const others = before.filter(({ id }) => !measured.some((one) => one.id === id));
  const number = ({ id }: StoredRow) => Number(id.slice(1));
  const all = [...others, ...measured].sort((one, other) => number(one) - number(other));
  writeResult("guarantees", { ...head, rows: all });
}
