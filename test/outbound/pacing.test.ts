import { describe, expect, it } from "vitest";
import { personIdOf } from "../../src/domain/person.ts";
import { handleComment } from "../../src/outbound/handle-comment.ts";
import { verdictOn } from "../../src/queue/verdict.ts";
import { channelTag } from "../../src/store/keys.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { commentAdded, messageReceived, nextId, person } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { keysLike, openRedis } from "../support/redis.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

/** One message at once, then two a second. */
const SLOW = { messagesPerSecond: 4 };
const reply = (setup: OutboundSetup) => setup.comment(commentAdded({ id: nextId("reply") }));
const textsOf = ({ whatsapp }: OutboundSetup) =>
  whatsapp.sent.map(({ outbound }) => (outbound.kind === "text" ? outbound.text : "a template"));

async function pacedBy({ tools }: OutboundSetup): Promise<[unknown, number][]> {
  const { values } = await tools.metrics.sendsPaced.get();
  return values.map(({ labels, value }) => [labels.by, value]);
}

/** What the channel's limits have been used for: nothing, or two keys. */
async function buckets({ key }: OutboundSetup): Promise<string[]> {
  return keysLike(await openRedis(), `${channelTag(key.channel)}:pace*`);
}

describe("P25: a message beyond WhatsApp's limit", () => {
  it("waits until it may go out, before WhatsApp has to refuse it, and no try is counted", async () => {
    const setup = await setUpOutbound({ tools: SLOW });
    await reply(setup);
    const event = commentAdded({ id: nextId("reply") });
    const failure = await failureOf(setup.comment(event));
    expect(failure).toMatchObject({ kind: "waiting", retryAfterMs: 500 });
    const policy = { crashLimit: 5, giveUpAfterMs: 1, random: () => 0 };
    expect(verdictOn(failure, { tries: 0, ageMs: 10 }, policy)).toMatchObject({
      do: "wait",
      delayMs: 500,
      isFailure: false,
    });
    expect(setup.whatsapp.script.count("send")).toBe(1);
    setup.clock.advance(500);
    await setup.comment(event);
    expect(setup.whatsapp.sent).toHaveLength(2);
    expect(setup.notes.size).toBe(0);
    expect(await pacedBy(setup)).toEqual([["number", 1]]);
  });

  it("that is the second part of a reply keeps the third behind it, and each goes out once", async () => {
    const setup = await setUpOutbound({ tools: SLOW });
    const body = ["a", "b", "c"].map((letter) => letter.repeat(4000)).join("\n\n");
    const event = commentAdded({ id: nextId("reply"), body });
    for (let part = 1; part < 3; part++) {
      const { kind, retryAfterMs } = await failureOf(setup.comment(event));
      expect(kind).toBe("waiting");
      expect(setup.whatsapp.sent).toHaveLength(part);
      setup.clock.advance(retryAfterMs ?? 0);
    }
    await setup.comment(event);
    await setup.comment(event);
    expect(textsOf(setup).map((text) => text.trim()[0])).toEqual(["a", "b", "c"]);
  });

  it("R42: to one person waits 6 seconds after 45, while another person is answered at once", async () => {
    const setup = await setUpOutbound({ tools: { messagesPerSecond: 1000 } });
    for (let n = 0; n < 45; n++) await reply(setup);
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "waiting", retryAfterMs: 6000 });
    expect(await pacedBy(setup)).toEqual([["person", 1]]);

    const other = messageReceived({ at: setup.clock.iso(), person: person(2) });
    const { channel } = setup.key;
    const delivery = { channel, lane: "in", event: other, person: { seen: other.person } } as const;
    await runScript(await openRedis(), "append", appendArguments(delivery));
    const key = { channel, person: personIdOf(`user:${person(2).userId}`) };
    await handleComment(commentAdded({ id: nextId("reply") }), key, setup.tools);
    expect(setup.whatsapp.sent).toHaveLength(46);
    expect(setup.whatsapp.sent.at(-1)?.to.userId).toBe(person(2).userId);

    setup.clock.advance(6000);
    await reply(setup);
    expect(setup.whatsapp.sent).toHaveLength(47);
  });
});

describe("P25: nothing of the limits is used", () => {
  it("by messages that wait for a stopped channel", async () => {
    const setup = await setUpOutbound({ tools: SLOW });
    setup.whatsapp.script.next("send", fails("auth"));
    await failureOf(reply(setup));
    setup.clock.advance(999);
    for (let n = 0; n < 60; n++) {
      expect((await failureOf(reply(setup))).message).toContain("nothing of this channel can be sent");
    }
    expect(await pacedBy(setup)).toEqual([]);
    setup.clock.advance(1);
    await reply(setup);
    expect(setup.whatsapp.sent).toHaveLength(1);
  });

  it("by templates that WhatsApp has stopped", async () => {
    const setup = await setUpOutbound({ tools: SLOW });
    setup.clock.advance(30 * 3_600_000);
    const stopped = { says: "paused", now: setup.clock.now() };
    await setup.store.stops.stopTemplate(setup.key.channel, { name: "staff_reply", language: "en" }, stopped);
    expect(await failureOf(reply(setup))).toMatchObject({ kind: "template_stopped" });
    expect(await buckets(setup)).toEqual([]);
  });

  it("by a reply that went out before and is only looked at again", async () => {
    const setup = await setUpOutbound({ tools: SLOW });
    const event = commentAdded({ id: nextId("reply") });
    for (let n = 0; n < 5; n++) await setup.comment(event);
    expect(setup.whatsapp.sent).toHaveLength(1);
    setup.clock.advance(500);
    await reply(setup);
    expect(setup.whatsapp.sent).toHaveLength(2);
  });
});
