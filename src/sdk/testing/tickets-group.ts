import assert from "node:assert/strict";
import type { TicketStatus } from "../../domain/ticket.ts";
import { type Bench, eventually } from "./bench.ts";
import { assertKind } from "./error-kinds.ts";
import type { Group } from "./group.ts";

export const missingTicket = ({ harness }: Bench) => harness.missingTicketId ?? "999999999";

/** Time that the declared class allows until a look-up sees a record. */
export function settleMs({ connector }: Bench): number {
  const { idempotency } = connector.capabilities;
  return idempotency.class === "B" ? idempotency.settleMs + 1_000 : 1_000;
}

export const ticketsGroup: Group = {
  define({ example, test }) {
    const { idempotency } = example.capabilities;

    test("a ticket carries its subject and our id", async ({ connector, harness, newTicket }) => {
      const subject = "Broken street light 🔦 in Łódź";
      const request = await newTicket({ subject });
      const made = await connector.createTicket(request);
      const seen = await harness.ticketsOf(request.externalId);
      assert.deepEqual(
        seen.map((ticket) => [ticket.id, ticket.subject]),
        [[made.id, subject]],
      );
    });
    if (idempotency.class === "A") {
      test("P01: creating a ticket twice leaves one", async ({ connector, harness, newTicket }) => {
        const request = await newTicket({ subject: "Twice" });
        const first = await connector.createTicket(request);
        assert.equal((await connector.createTicket(request)).id, first.id);
        assert.equal((await harness.ticketsOf(request.externalId)).length, 1);
      });
    }
    if (example.findTicket) {
      test("a ticket is found by our id", async (bench) => {
        const { id, externalId } = await bench.ticket();
        const found = await eventually(async () => bench.connector.findTicket?.(externalId), settleMs(bench));
        assert.equal(found?.id, id);
      });
      test("a look-up finds exactly our id, and nothing where there is none", async (bench) => {
        const { externalId } = await bench.ticket();
        await eventually(async () => bench.connector.findTicket?.(externalId), settleMs(bench));
        const absent = [externalId.slice(0, -2), `${externalId}0`, externalId.toUpperCase(), "it's 'absent'"];
        for (const other of absent) {
          assert.equal(await bench.connector.findTicket?.(other), undefined, `found something for ${other}`);
        }
      });
    }
    if (example.updateTicket) {
      test("every status of ours can be set and is seen", async (bench) => {
        const { id, externalId } = await bench.ticket();
        const way: TicketStatus[] = ["open", "pending", "open", "solved", "open", "closed"];
        for (const status of way) {
          await bench.connector.updateTicket?.(id, { status });
          assert.equal((await bench.harness.ticketsOf(externalId))[0]?.status, status);
        }
      });
      test("setting the status of a missing ticket says that it is not there", async (bench) => {
        await assertKind(
          async () => bench.connector.updateTicket?.(missingTicket(bench), { status: "open" }),
          ["not_found"],
        );
      });
    }
  },
};
