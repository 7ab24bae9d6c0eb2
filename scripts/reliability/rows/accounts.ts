import { connectRedis } from "../../../src/store/connection.ts";
import { createStore } from "../../../src/store/store.ts";
import { bundleProgram } from "../../chaos/bundle.ts";
import { runCommand } from "../crash-points/command.ts";
import type { MeasureRow } from "../row.ts";
import { comesTrue, onStage } from "../stage.ts";

/**
 * G11: some messages are refused by the helpdesk, some news cannot be understood, an operator discards some of what was
 * given up. What both sides and Redis hold then must be the sum of what was sent.
 */
export const measureAccounts: MeasureRow = async ({ seed, quick }) => {
  const name = `accounts-${seed}`;
  const people = quick ? 20 : 200;
  const refused = people / 5;
  const odd = people / 10;
  const program = await bundleProgram();
  return onStage({ name, redis: { appendfsync: "always" } }, async ({ stack, redis }) => {
    await stack.start("all", { program });
    await stack.desk("POST", "/faults", { operation: "comment.add", status: 422, times: refused });
    const messages = Array.from({ length: people }, (_, index) => ({
      person: { phone: `+4477003${10_000 + index}`, name: "Somebody" },
      text: `<${index}>`,
    }));
    await stack.graph("POST", "/messages", { delivery: "album", repeat: 2, wait: true, messages });
    for (let index = 0; index < odd; index++) {
      const status = {
        id: `wamid.odd${index}`,
        status: "beamed",
        timestamp: "1767225600",
        recipient_id: "44770",
      };
      await stack.graph("POST", "/changes", { value: { statuses: [status] } });
    }
    const client = await connectRedis(redis.url, "worker");
    const { deadLetters } = createStore(client);
    const comments = async () =>
      (await stack.deskLedger()).tickets.flatMap((ticket) => ticket.comments).length;
    await comesTrue(60_000, async () => (await comments()) + (await deadLetters.count(name)) >= people);
    const ids: string[] = [];
    for await (const { id } of deadLetters.list(name)) ids.push(id);
    const some = ids.slice(0, Math.ceil(ids.length / 2));
    const { code } = await runCommand(program, ["dead", "discard", ...some, "--config", stack.config], {});
    const discarded = code === 0 ? some.length : 0;
    const counts = {
      done: await comments(),
      deadLetters: await deadLetters.count(name),
      quarantined: await deadLetters.quarantined(name),
      discarded,
    };
    client.disconnect();
    const sum = Object.values(counts).reduce((total, count) => total + count, 0);
    const figures = { ...counts, unaccounted: people + odd - sum };
    return [
      {
        id: "G11",
        n: { events: people + odd, deliveries: people * 2 + odd },
        figures,
        passed: figures.unaccounted === 0,
      },
    ];
  });
};
