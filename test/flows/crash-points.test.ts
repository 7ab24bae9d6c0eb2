import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Play, plays } from "../../scripts/reliability/crash-points/plays.ts";
import { runCrashPoints } from "../../scripts/reliability/crash-points/run.ts";
import { type CrashPoint, crashPoints } from "../../src/telemetry/crash-point.ts";

const root = fileURLToPath(new URL("../../src", import.meta.url));

/** Those where a ticket, a comment or a send would be doubled; all of them by `npm run reliability -- --crash-points`. */
const WORST = new Set<CrashPoint>(["webhook.stored", "create.made", "drain.handled", "send.made"]);

/** Every point that the code passes, as often as it stands there. */
function pointsOfSource(): string[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return files.flatMap((name) =>
    [...readFileSync(join(root, name), "utf8").matchAll(/\bcrashPoint\("([^"]+)"\)/g)].map(
      ([, point = ""]) => point,
    ),
  );
}

describe("R04: the named crash points", () => {
  it("stand in the code once each, and each of them is played", () => {
    expect(pointsOfSource().sort()).toEqual([...crashPoints].sort());
    expect([...new Set(plays.map(({ point }) => point))].sort()).toEqual([...crashPoints].sort());
  });

  it("leave one of everything when a real process dies at the worst of them, with class A and B", async () => {
    const isMeant = ({ point, scenario }: Play) => WORST.has(point) && scenario !== "solved";
    const results = await runCrashPoints({ times: 1, width: 1, isMeant, say: console.log });
    expect(
      results.flatMap(({ play, problems }) => problems.map((problem) => `${play.point}: ${problem}`)),
    ).toEqual([]);
    expect(results.filter(({ kills }) => kills === 0)).toEqual([]);
    expect(new Set(results.map(({ play }) => play.point))).toEqual(WORST);
  }, 600_000);
});
