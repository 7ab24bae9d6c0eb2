import { expect, it } from "vitest";
import type { CommentAdded } from "../../src/domain/event.ts";
import { sendActions } from "../../src/domain/send-problem.ts";
import { isSentAgain, sendAgain } from "../../src/outbound/send-again.ts";
import type { OutboundTools } from "../../src/outbound/tools.ts";
import { commentAdded } from "../support/builders.ts";
import { createClock } from "../support/clock.ts";

const conversation = { channel: "city", person: "ada" };

function setUp(reply: CommentAdded | undefined = commentAdded({ body: "We come" })) {
  const clock = createClock();
  const remembered: unknown[] = [];
  const asked: CommentAdded[] = [];
  const tools = {
    store: {
      outbounds: { reply: async () => reply },
      steps: { remember: async (...args: unknown[]) => void remembered.push(args) },
    },
    clock,
    requestReply: async (_key: unknown, event: CommentAdded) => void asked.push(event),
  } as unknown as OutboundTools;
  const again = (action: (typeof sendActions)[number], intent = "i-0") =>
    sendAgain(action, { intent, conversation }, tools);
  return { again, asked, remembered, clock, reply };
}

it.each(sendActions)("a refusal that asks for %s sends again only what can pass", async (action) => {
  const { again, asked } = setUp();
  const words: Partial<Record<string, string>> = {
    use_template: "It is sent again as a template",
    retry: "It is sent again",
    pace_person: "It is sent again",
  };
  expect(await again(action)).toBe(words[action]);
  expect(asked).toHaveLength(words[action] ? 1 : 0);
});

it("the second sending is an event of its own, one for each message, now, and never a third", async () => {
  const { again, asked, remembered, clock, reply } = setUp();
  clock.advance(5000);
  await again("retry", "i-0");
  await again("retry", "i-1");
  expect(asked).toEqual([
    { ...reply, id: "again/i-0", at: clock.iso() },
    { ...reply, id: "again/i-1", at: clock.iso() },
  ]);
  expect(asked.map(isSentAgain)).toEqual([true, true]);
  expect(isSentAgain(commentAdded())).toBe(false);
  expect(remembered).toEqual([]);
});

it("as a template it is marked as refused as text before it is asked for", async () => {
  const { again, remembered } = setUp();
  await again("use_template", "i-0");
  expect(remembered).toEqual([["city", "again/i-0", { text: "refused" }]]);
});

it("what is not kept cannot be sent again", async () => {
  const { again, asked, remembered } = setUp(null as never);
  expect(await again("use_template")).toBeUndefined();
  expect([asked, remembered]).toEqual([[], []]);
});
