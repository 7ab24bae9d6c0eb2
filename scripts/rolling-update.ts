import { parseArgs } from "node:util";
import { startPrivateRedis } from "./private-redis.ts";
import { BEFORE_BURSTS, lastRelease, unpack } from "./rolling/old-version.ts";
import { runRolling } from "./rolling/run.ts";

/**
 * `npm run rolling-update [-- --from COMMIT] [--people N]`: an older Deskferry, built from the history, and this one on
 * the same Redis, there and back, while people write and staff answer. The last line is one JSON object; exit code 1 when
 * anything was lost, doubled, reordered or became a dead letter. Without `--from`: the last release, and the last commit
 * before events that older workers cannot read.
 */
const { values } = parseArgs({
  options: { from: { type: "string" }, people: { type: "string", default: "40" } },
});
const say = (line: string) => process.stderr.write(`${line}\n`);
const commits = values.from ? [values.from] : [lastRelease(), BEFORE_BURSTS];
const results: Record<string, unknown>[] = [];

for (const commit of commits) {
  if (commit === undefined) {
    say("skipped: there is no release before this commit");
    continue;
  }
  const old = unpack(commit);
  if (!old) {
    say(`skipped: the history does not go back to ${commit}; fetch it with git fetch --unshallow --tags`);
    continue;
  }
  const redis = await startPrivateRedis({ appendfsync: "always" });
  try {
    const result = await runRolling({ old, people: Number(values.people), redis, say });
    results.push({ commit, ...result });
    if (result.lost + result.doubled + result.reordered + result.dead > 0) process.exitCode = 1;
    if (commit === BEFORE_BURSTS && result.newerWaited === 0) process.exitCode = 1;
  } finally {
    await redis.stop();
    old.remove();
  }
}
process.stdout.write(`${JSON.stringify({ results })}\n`);
