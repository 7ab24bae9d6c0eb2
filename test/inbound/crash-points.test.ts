import { describe, expect, it } from "vitest";
import { ticketExternalId } from "../../src/domain/conversation.ts";
import { asFailure } from "../../src/domain/failure.ts";
import { handleMessages } from "../../src/inbound/handle-messages.ts";
import type { Idempotency } from "../../src/sdk/connector.ts";
import { messageReceived } from "../support/builders.ts";
import { type CrashAt, watchCalls } from "../support/crash-points.ts";
import { setUpInbound } from "./inbound-setup.ts";

const classes: [string, Idempotency][] = [
  ["A", { class: "A" }],
  ["B", { class: "B", settleMs: 5000 }],
];

/** A photo from a new person, handled until done; the first try dies where it is told to. */
async function play(idempotency: Idempotency, crash?: CrashAt) {
  const lagMs = idempotency.class === "B" ? idempotency.settleMs : 0;
  const setup = await setUpInbound({ idempotency, lagMs });
  setup.whatsapp.files.set("media-1", { bytes: Buffer.from("a photo"), mimeType: "image/jpeg" });
  const media = { id: "media-1", mimeType: "image/jpeg", fileName: "lamp.jpg" };
  const event = await setup.accept(
    messageReceived({ at: setup.clock.iso(), message: { type: "image", media } }),
  );
  const points = watchCalls(setup.tools, ["store", "connector", "channel"]);
  const first = await points.run((tools) => handleMessages([event], setup.key, 0, tools), crash);
  const calls = [...points.calls];
  for (let tries = 0; tries < 5; tries++) {
    setup.clock.advance(1000);
    const failure = await setup.handle(event).then(() => undefined, asFailure);
    if (!failure) return { ...setup, first, calls };
    setup.clock.advance(failure.retryAfterMs ?? 0);
  }
  throw new Error("it never came to an end");
}

describe.each(classes)(
  "a worker that dies while it handles a photo of a new person, class %s",
  (_name, idempotency) => {
    it("at any call, before or after its effect, leaves one contact, one ticket, one comment with its file", async () => {
      const { calls } = await play(idempotency);
      expect(calls).toContain("connector.createTicket");
      expect(calls).toContain("store.intents.begin");
      for (const [position, name] of calls.entries()) {
        for (const when of ["before", "after"] as const) {
          const end = await play(idempotency, { position, when });
          const { desk, key, store, tools } = end;
          const what = `${when} ${name}`;
          expect(end.first, what).toBe("crashed");
          expect(desk.contacts, what).toHaveLength(1);
          expect(desk.tickets, what).toMatchObject([{ externalId: ticketExternalId(key, 1) }]);
          expect(desk.comments, what).toMatchObject([
            { ticketId: desk.tickets[0]?.id, files: [{ name: "lamp.jpg", bytes: Buffer.from("a photo") }] },
          ]);
          const id = desk.tickets[0]?.id ?? "";
          expect(await store.links.ticket(key), what).toEqual({ id, epoch: 1, status: "new" });
          expect(await store.links.reverse(tools.connection, id), what).toEqual({ ...key, epoch: 1 });
          expect(await end.filesOnDisk(), what).toEqual([]);
        }
      }
    });
  },
);
