import { expect, test } from "vitest";
import { keys } from "../../src/store/keys.ts";
import { runScript } from "../../src/store/scripts.ts";
import { openPersonal } from "./personal-setup.ts";

test("one worker asks the account, and another one not before so many milliseconds have passed", async () => {
  const { redis, channel } = await openPersonal();
  const claim = (now: number) => runScript(redis, "claim-refresh", [keys.templatesState(channel), now, 1000]);
  const answers: unknown[] = [];
  for (const now of [5000, 5000, 5999, 6000, 6999, 7000]) answers.push(await claim(now));
  expect(answers).toEqual([1, 0, 0, 1, 0, 1]);
});
