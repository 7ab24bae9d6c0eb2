import { describe, expect, it } from "vitest";
import { mediaLimit } from "../../src/channels/cloud-api/media-limits.ts";
import { commentAdded } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { pdf } from "../support/sample-files.ts";
import { until } from "../support/until.ts";
import { type OutboundSetup, setUpOutbound } from "./outbound-setup.ts";

const set = () => setUpOutbound({ tools: { marksReadOnReply: true } });

/** How many marks came to an end so far. */
async function counted({ tools }: OutboundSetup): Promise<Record<string, number>> {
  const { values } = await tools.metrics.readMarks.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels["outcome"]), value]));
}

const replyNow = (setup: OutboundSetup, more: Parameters<typeof commentAdded>[0] = {}) =>
  commentAdded({ at: setup.clock.iso(), ...more });

describe("blue ticks with a reply", () => {
  it("go to the person's latest message, before the reply", async () => {
    const setup = await set();
    await setup.comment(replyNow(setup));
    expect(setup.whatsapp.read).toEqual([expect.stringMatching(/^wamid\./)]);
    expect(setup.whatsapp.typing).toEqual([]);
    expect(setup.whatsapp.script.calls).toEqual(["markRead", "send"]);
    await until("the count", async () => (await counted(setup))["marked"] === 1);
  });

  it("go with a file without words too, and say that something is coming", async () => {
    const setup = await set();
    Object.assign(setup.whatsapp.channel, { sends: new Set(["media"]), mediaLimit });
    setup.helpdesk.files.set("1", pdf);
    await setup.comment(replyNow(setup, { body: "", attachments: [{ id: "1", name: "a.pdf" }] }));
    expect(setup.whatsapp.script.calls).toEqual(["markRead", "send"]);
    expect(setup.whatsapp.typing).toEqual(setup.whatsapp.read);
  });

  it("do not go to what was written after the reply", async () => {
    const setup = await set();
    const event = replyNow(setup);
    setup.clock.advance(60_000);
    await setup.write();
    await setup.comment(event);
    expect(setup.whatsapp.sent).toHaveLength(1);
    expect(setup.whatsapp.read).toEqual([]);
  });

  it("do not go with what is not sent, a private note, or a change of status", async () => {
    const setup = await setUpOutbound({ tools: { marksReadOnReply: true, replyTemplate: undefined } });
    await setup.comment(replyNow(setup, { visibility: "internal" }));
    setup.clock.advance(30 * 3_600_000);
    await setup.comment(replyNow(setup));
    expect(setup.whatsapp.read).toEqual([]);
  });

  it("are not set where the route does not want them", async () => {
    const setup = await setUpOutbound();
    await setup.comment(replyNow(setup));
    expect(setup.whatsapp.read).toEqual([]);
  });

  it.each(["unavailable", "ambiguous", "auth"] as const)(
    "that fail (%s) fail and delay nothing",
    async (kind) => {
      const setup = await set();
      setup.whatsapp.script.always("markRead", fails(kind));
      await setup.comment(replyNow(setup));
      expect(setup.whatsapp.sent).toHaveLength(1);
      await until("the count", async () => (await counted(setup))["failed"] === 1);
      expect(setup.whatsapp.script.count("markRead")).toBe(1);
      expect(await setup.store.stops.channel(setup.key.channel)).toBeUndefined();
    },
  );

  it("that never end delay nothing", async () => {
    const setup = await set();
    setup.whatsapp.channel.markRead = () => new Promise(() => undefined);
    await setup.comment(replyNow(setup));
    expect(setup.whatsapp.sent).toHaveLength(1);
  });

  it("P22: are not tried while the channel stands", async () => {
    const setup = await set();
    setup.whatsapp.script.next("send", fails("auth"));
    const event = replyNow(setup);
    await failureOf(setup.comment(event));
    await failureOf(setup.comment(event));
    expect(setup.whatsapp.script.count("markRead")).toBe(1);
  });
});
