import { bundleProgram } from "../../chaos/bundle.ts";
import { runCommand } from "../crash-points/command.ts";
import { openKept } from "../crash-points/kept.ts";
import type { MeasureRow } from "../row.ts";
import { comesTrue, onStage } from "../stage.ts";

/**
 * G13: everybody writes a text of their own, some of it fails; names, numbers, texts and secrets are then looked for in
 * all that came out of the process. Half of the people are erased, and looked for in Redis.
 */
export const measurePrivacy: MeasureRow = async ({ seed, quick, say }) => {
  const name = `privacy-${seed}`;
  const people = Array.from({ length: quick ? 6 : 40 }, (_, index) => ({
    phone: `+4477006${10_000 + index}`,
    name: `Canary Name ${seed} ${index}`,
  }));
  const program = await bundleProgram();
  return onStage({ name }, async ({ stack, redis }) => {
    const said: string[] = [];
    const hear = {
      onLine: (line: string) => void said.push(line),
      onError: (line: string) => void said.push(line),
    };
    const app = await stack.start("all", { program, ...hear });
    const secrets = people.flatMap((person, index) => [
      person.phone.slice(1),
      person.name,
      textOf(seed, index),
    ]);
    // Two in three meet a helpdesk that refuses, breaks off or quotes what it was given.
    await stack.desk("POST", "/faults", {
      operation: "comment.add",
      status: 422,
      times: people.length / 3,
      body: secrets,
    });
    await stack.desk("POST", "/faults", {
      operation: "comment.add",
      when: "after",
      reset: true,
      times: people.length / 3,
    });
    const messages = people.map((person, index) => ({ person, text: textOf(seed, index) }));
    await stack.graph("POST", "/messages", { delivery: "album", wait: true, messages });
    const kept = await openKept(redis.url, name);
    await comesTrue(60_000, () => kept.isQuiet());
    said.push(await (await fetch(`${app.url}/metrics`)).text());
    said.push(
      await (await fetch(`${app.url}/webhooks/channels/${name}`, { method: "POST", body: '{"x' })).text(),
    );
    const all = said.join("\n");
    const found = [...secrets, "graph-token", "app-secret", "desk-token"].filter((secret) =>
      all.includes(secret),
    );

    const erased = people.slice(0, people.length / 2);
    const begun = performance.now();
    const named = erased.flatMap(({ phone }) => ["--person", phone]);
    const { code } = await runCommand(program, ["erase", ...named, "--config", stack.config], {});
    const eraseSeconds = Math.round((performance.now() - begun) / 100) / 10;
    const traces = (await Promise.all(erased.map(({ phone }) => kept.tracesOf(phone)))).flat();
    kept.close();
    say(`erased ${erased.length} of ${people.length} in ${eraseSeconds} s, exit ${code}`);
    const figures = { canariesFound: found.length, tracesOfErased: traces.length, eraseSeconds };
    const passed = found.length === 0 && traces.length === 0 && code === 0 && eraseSeconds <= 60;
    return [
      {
        id: "G13",
        n: { canaries: secrets.length, linesAndPages: said.length, erased: erased.length },
        figures,
        passed,
      },
    ];
  });
};

function textOf(seed: number, index: number): string {
  return `canary text ${seed}x${index}`;
}
