import { describe, expect, it } from "vitest";
import { handleReceipt } from "../../src/outbound/handle-receipt.ts";
import { commentAdded, receiptUpdated } from "../support/builders.ts";
import { watchCalls } from "../support/crash-points.ts";
import { lostAnswer } from "../support/fake-helpdesk.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

const errors = [{ code: 131026, title: "Message undeliverable" }];

/** A reply was sent; its receipts follow. */
async function setUpSent() {
  const setup = await setUpOutbound();
  await setup.comment(commentAdded());
  const [taken] = setup.whatsapp.sent;
  if (!taken) throw new Error("nothing was sent");
  const failed = receiptUpdated({
    receipt: { messageId: taken.messageId, state: "failed", callbackData: taken.callbackData, errors },
  });
  return { ...setup, taken, failed };
}

function noteTexts({ notes }: Pick<OutboundSetup, "notes">): string[] {
  return [...notes.values()].map(({ text }) => text);
}

describe("P13: a receipt", () => {
  it("of a failure writes one note with the reason", async () => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.taken, "sent");
    await setup.receipt(setup.failed);
    await setup.receipt(setup.failed);
    expect(noteTexts(setup)).toEqual([
      "A WhatsApp message did not arrive: Message undeliverable (code 131026).",
    ]);
  });

  it("of a failure without a reason says so", async () => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.taken, "failed");
    expect(noteTexts(setup)).toEqual(["A WhatsApp message did not arrive: WhatsApp gave no reason."]);
  });

  it.each(["delivered", "read"] as const)("of a failure after %s is not believed", async (state) => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.taken, state);
    await setup.receipt(setup.failed);
    expect(setup.notes.size).toBe(0);
    const known = await setup.store.outbounds.get(setup.key.channel, setup.taken.callbackData);
    expect(known?.receipt).toBe(state);
  });

  it("of a failure that was recorded by a worker which then died still writes its note", async () => {
    const setup = await setUpSent();
    const points = watchCalls(setup.tools, ["store"]);
    expect(
      await points.run((tools) => handleReceipt(setup.failed, setup.key, tools), {
        position: 0,
        when: "after",
      }),
    ).toBe("crashed");
    expect(points.calls).toEqual(["store.outbounds.record"]);
    await setup.receipt(setup.failed);
    expect(noteTexts(setup)).toHaveLength(1);
  });

  it("of a send that ended unclear has its conversation tried at once; of any other not", async () => {
    const setup = await setUpOutbound();
    setup.whatsapp.script.next("send", lostAnswer());
    await expect(setup.comment(commentAdded())).rejects.toThrow();
    const [taken] = setup.whatsapp.sent;
    await setup.receiptOf(taken, "sent");
    await setup.receiptOf(taken, "delivered");
    expect(setup.hurried).toEqual([setup.key.person]);
  });

  it("without callback data is recognised by the message id", async () => {
    const setup = await setUpSent();
    const { callbackData: _, ...receipt } = setup.failed.receipt;
    await setup.receipt({ ...setup.failed, receipt });
    expect(noteTexts(setup)).toHaveLength(1);
  });

  it("moves up only: read, delivered, sent leave read", async () => {
    const setup = await setUpSent();
    for (const state of ["read", "delivered", "sent"] as const) await setup.receiptOf(setup.taken, state);
    const known = await setup.store.outbounds.get(setup.key.channel, setup.taken.callbackData);
    expect(known?.receipt).toBe("read");
  });

  it("of somebody else's message changes nothing", async () => {
    const setup = await setUpSent();
    const before = setup.traces.length;
    await setup.receipt(receiptUpdated({ receipt: { messageId: "wamid.other", state: "failed", errors } }));
    await setup.receipt(
      receiptUpdated({
        receipt: { messageId: "wamid.more", state: "failed", callbackData: "{other}:*", errors },
      }),
    );
    expect(setup.notes.size).toBe(0);
    expect(setup.traces).toHaveLength(before);
  });

  it("is traced at the event that made us send, without the provider's id", async () => {
    const setup = await setUpSent();
    await setup.receiptOf(setup.taken, "delivered");
    expect(setup.traces.at(-1)).toEqual({
      event: setup.taken.callbackData.split("-")[0],
      ...setup.key,
      step: "receipt",
      detail: { state: "delivered" },
    });
  });
});
