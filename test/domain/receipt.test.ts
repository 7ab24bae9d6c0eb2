import fc from "fast-check";
import { expect, test } from "vitest";
import { advanceReceipt, type ReceiptState, receiptStates } from "../../src/domain/receipt.ts";

const seen = (states: ReceiptState[]) =>
  states.reduce<ReceiptState | undefined>((current, next) => advanceReceipt(current, next), undefined);

test.each([
  [["sent", "delivered", "read"], "read"],
  [["read", "delivered", "sent"], "read"],
  [["delivered", "played", "read"], "played"],
  [["read"], "read"],
  [["sent", "sent"], "sent"],
  [["sent", "failed"], "failed"],
  [["failed", "sent"], "failed"],
  [["failed", "delivered"], "delivered"],
  [["delivered", "failed"], "delivered"],
] as [ReceiptState[], ReceiptState][])("P13: after %j a message is %s", (states, state) => {
  expect(seen(states)).toBe(state);
});

test("P13: the order and the repeats of receipts make no difference, and none steps back", () => {
  const history = fc.array(fc.constantFrom(...receiptStates), { minLength: 1, maxLength: 8 });
  const twoOrders = history.chain((states) =>
    fc.tuple(fc.constant(states), fc.shuffledSubarray(states, { minLength: states.length })),
  );
  fc.assert(
    fc.property(twoOrders, ([states, shuffled]) => {
      expect(seen(shuffled)).toBe(seen(states));
      expect(seen([...states, ...shuffled])).toBe(seen(states));
    }),
  );
});
