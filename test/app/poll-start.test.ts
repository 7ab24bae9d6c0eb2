import { expect, it, vi } from "vitest";
import { createPollStart } from "../../src/app/poll-jobs.ts";
import type { HelpdeskEvent } from "../../src/domain/event.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import { commentAdded } from "../support/builders.ts";
import { until } from "../support/until.ts";
import { setUpApp } from "./app-setup.ts";

it("what staff answer before any round of polling has succeeded reaches the person", async () => {
  const changes: HelpdeskEvent[] = [];
  let asked = 0;
  const setup = await setUpApp({
    // The first round comes at the start and fails, the second comes after the answer.
    pollSeconds: 3,
    connector: {
      listChanges: async (cursor) => {
        if (asked++ === 0)
          throw new PluginError({ kind: "unavailable", operatorMessage: "list changes: down" });
        const from = cursor === undefined ? changes.length : Number(cursor);
        return { events: changes.slice(from), cursor: `${changes.length}`, more: false };
      },
    },
  });
  const app = await setup.start();
  await until("the first round to fail", () => asked > 0);
  await setup.write(app, "The lamp is broken");
  await until("the ticket", () => setup.desk.tickets.length === 1);
  const [ticket] = setup.desk.tickets;
  changes.push(commentAdded({ ticket: { id: ticket?.id ?? "", externalId: ticket?.externalId ?? "" } }));
  await until("the reply", () => setup.whatsapp.sent.length > 0);
  expect(setup.whatsapp.sent).toHaveLength(1);
});

it("asks until polling has begun, then no more; where nothing is polled, never", async () => {
  const cursor = vi.fn().mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error("Redis is away"));
  const listChanges = vi.fn().mockRejectedValue(new Error("it is down"));
  const connector = { listChanges, capabilities: { changes: ["poll"] } };
  const start = createPollStart({
    config: { connections: { desk: { pollSeconds: 5 }, quiet: {} } },
    parts: { connectors: new Map(["desk", "quiet"].map((name) => [name, connector])) },
    store: { polling: { cursor: cursor.mockResolvedValue("17") } },
    taking: { fromConnection: async () => undefined },
  } as never);
  for (const name of ["quiet", "desk", "desk", "desk", "desk"]) await start(name);
  // Unknown, away when the round reads it, known, and then remembered.
  expect(cursor).toHaveBeenCalledTimes(3);
});
