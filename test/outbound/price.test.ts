import { expect, it } from "vitest";
import { monthOf } from "../../src/domain/cost.ts";
import { commentAdded, receiptUpdated } from "../support/builders.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

const HOUR_MS = 3_600_000;

const planned = ({ traces }: OutboundSetup) =>
  traces.filter(({ step }) => step === "planned").map(({ detail }) => detail["cost"]);

it("each message that is no template counts in its month, and is metered beyond 1,000", async () => {
  const setup = await setUpOutbound();
  const { outbounds } = setup.store;
  const { channel } = setup.key;
  const month = monthOf(setup.clock.now());
  for (let n = 0; n < 999; n++) await outbounds.sent(channel, `earlier-${n}`, `wamid.earlier-${n}`, month);
  await setup.comment(commentAdded());
  await setup.comment(commentAdded());
  expect(planned(setup)).toEqual(["free_window", "metered service"]);
  expect(await outbounds.repliesIn(channel, month)).toBe(1001);
});

it("a receipt tells how long a conversation from an advertisement is free; its price is counted once and traced", async () => {
  const setup = await setUpOutbound();
  await setup.comment(commentAdded());
  const [taken] = setup.whatsapp.sent;
  const until = new Date(setup.clock.now() + 72 * HOUR_MS).toISOString().replace(/\.\d+/, ".000");
  const receipt = {
    messageId: taken?.messageId ?? "",
    callbackData: taken?.callbackData ?? "",
    conversation: {
      origin: { type: "referral_conversion" },
      expiration_timestamp: String(Math.floor(Date.parse(until) / 1000)),
    },
    pricing: { type: "free_entry_point", category: "authentication-international" },
  };
  await setup.receipt(receiptUpdated({ receipt: { ...receipt, state: "sent" } }));
  await setup.receipt(receiptUpdated({ receipt: { ...receipt, state: "delivered" } }));
  expect(await setup.store.people.talk(setup.key)).toMatchObject({ freeUntil: until });
  const { values } = await setup.tools.metrics.priced.get();
  expect(values.map(({ labels, value }) => [labels.category, labels.type, value])).toEqual([
    ["authentication_international", "free_entry_point", 1],
  ]);
  expect(setup.traces.at(-1)?.detail).toMatchObject({ planned: "free_window" });
  setup.clock.advance(30 * HOUR_MS);
  await setup.comment(commentAdded());
  expect(planned(setup).at(-1)).toBe("free_entry_point");
});
