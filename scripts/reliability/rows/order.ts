import { bundleProgram } from "../../chaos/bundle.ts";
import { seededRandom } from "../../chaos/random.ts";
import type { MeasureRow } from "../row.ts";
import { comesTrue, onStage } from "../stage.ts";

const EACH = 10;
/** Longer than a loaded machine takes to take them all in. */
const REORDER_MS = 3000;

/**
 * G9: everybody's messages arrive in any order and are still in the mailbox when they are handled; the worker is killed
 * in the midst of it, three times.
 */
export const measureOrder: MeasureRow = async ({ seed, quick }) => {
  const random = seededRandom(seed);
  const people = quick ? 5 : 40;
  const program = await bundleProgram();
  const queue = { lockSeconds: 1, stallSeconds: 0.5, crashLimit: 50, reorderMillis: REORDER_MS };
  return onStage({ name: `order-${seed}`, redis: { appendfsync: "always" }, queue }, async ({ stack }) => {
    await stack.start("intake", { program });
    const begun = Date.now() - 60_000;
    const messages = Array.from({ length: people * EACH }, (_, index) => ({
      person: { phone: `+4477004${10_000 + (index % people)}`, name: "Somebody" },
      text: `<${index % people}:${Math.floor(index / people)}>`,
      sentAt: begun + Math.floor(index / people) * 1000,
      place: random(),
    })).sort((one, other) => one.place - other.place);
    await stack.graph("POST", "/messages", { delivery: "album", wait: true, messages });
    const comments = async () => (await stack.deskLedger()).tickets.map((ticket) => ticket.comments);
    const arrived = async () => (await comments()).flat().length;
    const kills = quick ? 1 : 3;
    for (let kill = 1; kill <= kills; kill++) {
      const worker = await stack.start("worker", { program });
      await comesTrue(60_000, async () => (await arrived()) >= (messages.length * kill) / (kills + 1), 20);
      await worker.kill();
    }
    await stack.start("worker", { program });
    await comesTrue(60_000, async () => (await arrived()) >= messages.length);
    const inversions = (await comments()).reduce(
      (sum, theirs) => sum + inversionsOf(theirs.map(numberOf)),
      0,
    );
    const figures = { inversions, missing: messages.length - (await arrived()) };
    const passed = Object.values(figures).every((count) => count === 0);
    return [{ id: "G9", n: { messages: messages.length, conversations: people, kills }, figures, passed }];
  });
};

function numberOf({ body }: { body: string }): number {
  return Number(/<\d+:(\d+)>/.exec(body)?.[1]);
}

function inversionsOf(numbers: number[]): number {
  return numbers.filter((number, index) => number < (numbers[index - 1] ?? -1)).length;
}
