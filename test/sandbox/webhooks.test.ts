import { expect, test } from "vitest";
import { signBody, toMetaJson } from "../../src/sandbox/graph/meta-json.ts";
import { toEnvelope } from "../../src/sandbox/graph/payload.ts";
import { postWebhook, tryHandshake } from "../../src/sandbox/graph/webhooks.ts";
import { startCallback } from "./callback-server.ts";
import { number, SECRET } from "./graph-setup.ts";
import { HOOK, quietWorld } from "./graph-world.ts";

const changes = [{ wabaId: "w", field: "account_update", value: { name: "é/" } }];

test("a webhook is posted as Meta posts it, signed with the app's secret, and every attempt is noted", async () => {
  const { world, posted } = quietWorld();
  const ours = number({ callbackUrl: HOOK });
  expect(await postWebhook(world, ours, { changes, wamids: ["wamid.1"] })).toBe(true);
  expect(posted).toEqual([
    {
      url: HOOK,
      headers: {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": signBody(SECRET, toMetaJson(toEnvelope(changes))),
      },
      body: toEnvelope(changes),
    },
  ]);
  expect(world.journal.since(0)).toMatchObject([
    {
      kind: "webhook",
      id: expect.stringMatching(/^\d{12}$/),
      field: "account_update",
      wamids: ["wamid.1"],
      attempt: 1,
      status: 200,
    },
  ]);
});

test("a webhook that is given up, or has nowhere to go, is not accepted", async () => {
  const { world, posted, dice } = quietWorld();
  dice.accepts = false;
  expect(await postWebhook(world, number({ callbackUrl: HOOK }), { changes: [], wamids: [] })).toBe(false);
  expect(world.journal.since(0)).toMatchObject([{ field: "messages", status: 500 }]);
  dice.accepts = true;
  expect(await postWebhook(world, number(), { changes, wamids: [] })).toBe(false);
  expect(posted).toHaveLength(1);
});

test("the handshake wants the challenge back, under the verify token", async () => {
  const { world } = quietWorld();
  const callback = await startCallback();
  const ask = (verifyToken?: string) =>
    tryHandshake(world, number({ callbackUrl: callback.url, ...(verifyToken && { verifyToken }) }));
  expect([await ask("let-me-in"), await ask("wrong"), await ask()]).toEqual([true, false, false]);
  await callback.stop();
  expect(await tryHandshake(world, number())).toBe(false);
});
