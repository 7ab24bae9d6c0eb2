import { describe, expect, it } from "vitest";
import { messageReceived } from "../support/builders.ts";
import { failureOf } from "../support/failure-of.ts";
import { fails } from "../support/fake-helpdesk.ts";
import { setUpInbound } from "./inbound-setup.ts";

describe("read marks", () => {
  it("are set where the route wants them, once the message stands in the helpdesk", async () => {
    const { receive, whatsapp, desk, traces } = await setUpInbound({ marksRead: true });
    const event = await receive();
    await receive(event);
    expect(desk.comments).toHaveLength(1);
    expect(whatsapp.read).toEqual([event.message.id]);
    expect(traces.at(-1)).toMatchObject({ step: "comment.added", detail: { read: "marked" } });
  });

  it("are not set elsewhere", async () => {
    const { receive, whatsapp, traces } = await setUpInbound();
    await receive();
    expect(whatsapp.read).toEqual([]);
    expect(traces.at(-1)?.detail).not.toHaveProperty("read");
  });

  it("are not set for what did not reach the helpdesk", async () => {
    const { accept, handle, whatsapp, desk } = await setUpInbound({ marksRead: true });
    desk.script.next("addComment", fails("unavailable"));
    await failureOf(handle(await accept(messageReceived())));
    expect(whatsapp.read).toEqual([]);
  });

  it.each(["unavailable", "ambiguous", "auth"] as const)("that fail (%s) fail nothing else", async (kind) => {
    const { receive, whatsapp, desk, traces } = await setUpInbound({ marksRead: true });
    whatsapp.script.always("markRead", fails(kind));
    await receive();
    expect(desk.comments).toHaveLength(1);
    expect(traces.at(-1)).toMatchObject({ step: "comment.added", detail: { read: `not marked (${kind})` } });
  });

  it("are left out by a channel that has none", async () => {
    const { receive, whatsapp, tools, traces } = await setUpInbound({ marksRead: true });
    const { markRead: _, ...channel } = whatsapp.channel;
    Object.assign(tools, { channel });
    await receive();
    expect(traces.at(-1)?.detail).not.toHaveProperty("read");
  });
});
