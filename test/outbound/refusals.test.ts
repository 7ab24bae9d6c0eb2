import { beforeAll, describe, expect, it } from "vitest";
import type { SendAction } from "../../src/sdk/index.ts";
import {
  createChannel,
  type GraphServer,
  graphErrorBody,
  type Reply,
  startGraph,
} from "../channels/graph-server.ts";
import { metaCodes } from "../channels/meta-codes.ts";
import { commentAdded, receiptUpdated } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { intentOf, type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

/** What one refusal left behind. `end`: what the queue was told. */
interface Left {
  end: string;
  notes: number;
  again: number;
  isChannelStopped: boolean;
  isTemplateStopped: boolean;
  areTemplatesHeld: boolean;
}

const nothing = { again: 0, isChannelStopped: false, isTemplateStopped: false, areTemplatesHeld: false };
const told = { ...nothing, end: "rejected", notes: 1 };

/** A reply in the reply template is refused in the answer. */
const byAnswer: Record<SendAction, Left> = {
  retry: { ...nothing, end: "retry", notes: 0 },
  pace_person: { ...nothing, end: "throttled", notes: 0 },
  await_receipt: { ...nothing, end: "waiting", notes: 0 },
  unknown: { ...nothing, end: "waiting", notes: 0 },
  stop_channel: { ...nothing, end: "waiting", notes: 0, isChannelStopped: true },
  use_template: { ...nothing, end: "window_closed", notes: 1 },
  stop_template: { ...told, isTemplateStopped: true },
  wait_a_day: { ...told, areTemplatesHeld: true },
  mark_person: told,
  dead_letter: told,
  drop_file: told,
};

/** The same reply was taken, and failed by its receipt. */
const byReceipt: Record<SendAction, Left> = Object.fromEntries(
  Object.entries(byAnswer).map(([action, left]) => [action, { ...left, end: "done", notes: 1 }]),
) as Record<SendAction, Left>;

const cases = Object.entries(metaCodes).flatMap(([action, codes]) =>
  codes.map((code) => ({ code, action: action as SendAction })),
);

let graph: GraphServer;
let reply: Reply;
let taken = 0;

beforeAll(async () => {
  graph = await startGraph(() => reply);
  return () => graph.stop();
});

async function setUpClosed(): Promise<OutboundSetup> {
  const setup = await setUpOutbound({ tools: { channel: createChannel({ graphUrl: graph.url }) } });
  setup.clock.advance(30 * 3_600_000);
  return setup;
}

async function leftBy(setup: OutboundSetup, end: string): Promise<Left> {
  const { stops } = setup.store;
  const now = setup.clock.now();
  const template = { name: "staff_reply", language: "en" };
  return {
    end,
    notes: setup.notes.size,
    again: setup.again.size,
    isChannelStopped: (await stops.channel(setup.key.channel)) !== undefined,
    isTemplateStopped: (await stops.template(setup.key.channel, template, now)) !== undefined,
    areTemplatesHeld: (await stops.heldTemplates(setup.key, now)) !== undefined,
  };
}

async function counted(setup: OutboundSetup): Promise<unknown[]> {
  const { values } = await setup.tools.metrics.problems.get();
  return values.map(({ labels, value }) => [labels.action, labels.by, value]);
}

describe("R40: a message that WhatsApp refuses in its answer", () => {
  it.each(cases)("with code $code: $action", async ({ code, action }) => {
    const setup = await setUpClosed();
    reply = { status: 400, body: graphErrorBody(code) };
    const failure = await failureOf(setup.comment(commentAdded()));
    const end = action === "retry" && failure.retryable ? "retry" : failure.kind;
    expect(await leftBy(setup, end)).toEqual(byAnswer[action]);
    expect(await counted(setup)).toEqual([[action, "answer", 1]]);
    for (const { text } of setup.notes.values()) expect(text).not.toMatch(/[0-9]{3}|Graph|4477/);
  });
});

describe("R40: a message that WhatsApp took, and that failed by its receipt", () => {
  it.each(cases)("with code $code: $action", async ({ code, action }) => {
    const setup = await setUpClosed();
    const messageId = `wamid.refused-${++taken}`;
    reply = { body: { messages: [{ id: messageId }] } };
    await setup.comment(commentAdded());
    const errors = [{ code, title: "As Meta puts it" }];
    const failed = receiptUpdated({ receipt: { messageId, state: "failed", errors } });
    await setup.receipt(failed);
    await setup.receipt(failed);
    expect(await leftBy(setup, "done")).toEqual(byReceipt[action]);
    expect(await counted(setup)).toEqual([[action, "receipt", 2]]);
    for (const { text } of setup.notes.values()) {
      expect(text).toMatch(/^A WhatsApp message did not arrive: .+\.$/);
      expect(text.includes("(code ")).toBe(action === "unknown");
    }
  });
});

describe("P26: error 131050, the person wants no marketing messages", () => {
  it.each(["answer", "receipt"] as const)("by the %s, is remembered of marketing alone", async (by) => {
    const setup = await setUpClosed();
    const messageId = `wamid.refused-${++taken}`;
    reply =
      by === "answer"
        ? { status: 400, body: graphErrorBody(131050) }
        : { body: { messages: [{ id: messageId }] } };
    const event = commentAdded();
    await setup.comment(event).catch(() => undefined);
    const errors = [{ code: 131050, title: "As Meta puts it" }];
    if (by === "receipt")
      await setup.receipt(receiptUpdated({ receipt: { messageId, state: "failed", errors } }));
    expect(await setup.store.consents.get(setup.key)).toEqual({
      marketing: {
        state: "stop",
        at: setup.clock.iso(),
        evidence: intentOf(event, "template"),
        source: "refusal",
      },
    });
  });

  it("is the only one of its kind: other refusals about the person say nothing of what they want", async () => {
    const setup = await setUpClosed();
    reply = { status: 400, body: graphErrorBody(131026) };
    await setup.comment(commentAdded()).catch(() => undefined);
    expect(await setup.store.consents.get(setup.key)).toEqual({});
  });
});

describe("a reply in free text that was taken, and failed by its receipt", () => {
  async function setUpFailed(code: number): Promise<OutboundSetup> {
    const { explainError } = createChannel();
    const setup = await setUpOutbound();
    if (explainError) setup.tools.channel = { ...setup.whatsapp.channel, explainError };
    await setup.comment(commentAdded({ body: "We are on our way" }));
    await refuseLast(setup, code);
    return setup;
  }

  async function refuseLast(setup: OutboundSetup, code: number): Promise<void> {
    const last = setup.whatsapp.sent.at(-1);
    if (!last) throw new Error("nothing was sent");
    const { messageId, callbackData } = last;
    const errors = [{ code, title: "As Meta puts it" }];
    await setup.receipt(receiptUpdated({ receipt: { messageId, callbackData, state: "failed", errors } }));
  }

  async function sendAgain(setup: OutboundSetup): Promise<void> {
    for (const event of setup.again.values()) await setup.comment(event);
  }

  const outbounds = (setup: OutboundSetup) => setup.whatsapp.sent.map(({ outbound }) => outbound);
  const notes = (setup: OutboundSetup) => [...setup.notes.values()].map(({ text }) => text);

  it("because the window had closed goes out once more, as the reply template", async () => {
    const setup = await setUpFailed(131047);
    await refuseLast(setup, 131047);
    await sendAgain(setup);
    await sendAgain(setup);
    expect(outbounds(setup)).toEqual([
      { kind: "text", text: "We are on our way" },
      { kind: "template", template: { name: "staff_reply", language: "en", body: ["We are on our way"] } },
    ]);
    expect(notes(setup)).toEqual([
      "A WhatsApp message did not arrive: the person last wrote more than 24 hours ago. It is sent again as a template.",
    ]);
    await refuseLast(setup, 131026);
    expect([setup.again.size, setup.notes.size]).toEqual([1, 2]);
  });

  it("because the window had closed, on a route without a reply template: staff are told", async () => {
    const setup = await setUpFailed(131047);
    setup.tools.replyTemplate = undefined;
    await sendAgain(setup);
    expect(outbounds(setup)).toHaveLength(1);
    expect(notes(setup)[1]).toContain("the route has no reply template");
  });

  it.each([130429, 131056])(
    "because too much was sent (%i) goes out once more, and not a third time",
    async (code) => {
      const setup = await setUpFailed(code);
      await sendAgain(setup);
      expect(outbounds(setup)).toHaveLength(2);
      await refuseLast(setup, code);
      expect([setup.again.size, setup.notes.size]).toEqual([1, 2]);
    },
  );

  it("after it was delivered is not believed, and its text is forgotten", async () => {
    const setup = await setUpOutbound();
    await setup.comment(commentAdded());
    const [first] = setup.whatsapp.sent;
    const { channel } = setup.key;
    expect(await setup.store.outbounds.reply(channel, first?.callbackData ?? "")).toBeDefined();
    await setup.receiptOf(first, "delivered");
    expect(await setup.store.outbounds.reply(channel, first?.callbackData ?? "")).toBeUndefined();
    await refuseLast(setup, 131047);
    expect([setup.again.size, setup.notes.size]).toEqual([0, 0]);
  });
});
