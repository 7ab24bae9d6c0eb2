import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { ErrorKind } from "../errors.ts";
import { type ChannelBench, person, secretText, textTo } from "./channel-bench.ts";
import type { ChannelTests } from "./channel-conformance.ts";
import { parsed } from "./channel-inbound.ts";
import { assertKind, errorOf } from "./error-kinds.ts";
import type { Fault, Passed } from "./fault-proxy.ts";
import { jsonSchemaOf, secretsIn } from "./settings-walk.ts";
import { watchSockets } from "./socket-watch.ts";

const faults: [name: string, fault: Fault, kinds: ErrorKind[]][] = [
  ["a refused token", { kind: "answer", status: 401 }, ["auth"]],
  ["a rate limit", { kind: "answer", status: 429, headers: { "Retry-After": "7" } }, ["throttled"]],
  ["a redirect", { kind: "answer", status: 302, headers: { Location: "http://127.0.0.1:1/" } }, ["config"]],
  ["a refusal that is not the provider's", { kind: "answer", status: 400, body: "<html>" }, ["ambiguous"]],
  ["a server error", { kind: "answer", status: 500 }, ["ambiguous"]],
  ["a server error behind the work", { kind: "answer", status: 502, after: true }, ["ambiguous"]],
  ["a broken connection", { kind: "reset" }, ["ambiguous"]],
  ["a broken connection behind the work", { kind: "reset", after: true }, ["ambiguous"]],
  ["a success that cannot be read", { kind: "answer", status: 200, body: "<html>" }, ["ambiguous"]],
  ["a success without an id", { kind: "answer", status: 200, body: "{}" }, ["ambiguous"]],
];

export const outboundTests: ChannelTests = {
  "a send gives the provider's id, and its receipt brings our callback data back": async (bench) => {
    const request = textTo();
    const { messageId } = await bench.channel.send(request);
    assert.notEqual(messageId, "");
    const receipt = bench.harness.receipt(lastPassed(bench), messageId);
    assert.equal(bench.channel.verify(receipt), true, "the receipt is not accepted");
    const { events, quarantined } = parsed(bench, receipt);
    assert.deepEqual(quarantined, []);
    const [event] = events;
    assert.ok(events.length === 1 && event?.type === "receipt.updated", "no receipt");
    assert.equal(event.accountId, bench.channel.accountId);
    assert.equal(event.receipt.messageId, messageId);
    assert.equal(event.receipt.state, "delivered");
    assert.equal(event.receipt.callbackData, request.callbackData);
  },
  "a receipt with other callback data than was signed is refused": async (bench) => {
    const { messageId } = await bench.channel.send(textTo());
    const receipt = bench.harness.receipt(lastPassed(bench), messageId);
    const data = textTo().callbackData;
    const query = Object.fromEntries(
      Object.entries(receipt.query).map(([name, value]) => [name, value?.replace(data, "another-1")]),
    );
    const body = Buffer.from(receipt.body.toString().replace(data, "another-1"));
    assert.equal(bench.channel.verify({ ...receipt, query, body }), false);
  },
  "each failure has its kind, and none is repeated by the channel": async (bench) => {
    for (const [name, fault, kinds] of faults) {
      bench.proxy.set(() => fault);
      await assertKind(() => bench.channel.send(textTo()), kinds).catch((error: unknown) => {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      });
      assert.equal(bench.proxy.passed.length, 1, `${name}: asked more than once`);
    }
  },
  "a provider that cannot be reached is unavailable, not unclear": async ({ harness, make }) => {
    await assertKind(() => make(harness.settings("http://127.0.0.1:1")).send(textTo()), ["unavailable"]);
  },
  "what the provider would refuse is refused before it is asked": async (bench) => {
    await assertKind(() => bench.channel.send(textTo("  ")), ["rejected"]);
    await assertKind(() => bench.channel.send({ ...textTo(), to: {} }), ["rejected"]);
    assert.equal(bench.proxy.passed.length, 0);
  },
  "P31: neither secrets nor personal data stand in errors and log lines": async (bench) => {
    const secrets = secretsIn(jsonSchemaOf(bench.definition.config), bench.settings);
    assert.ok(secrets.length > 0, "no setting is marked as secret");
    const forbidden = [...secrets, person.phone.slice(1), person.name, secretText];
    const message = forbidden.join(" ");
    const body = JSON.stringify({ message, error: { message, code: 999_999 }, code: 999_999 });
    for (const status of [200, 400, 401, 404, 429, 500]) {
      bench.proxy.set(() => ({ kind: "answer", status, body }));
      const path = `${bench.folder}/never`;
      const target = { path, maxBytes: 1000 };
      const errors = [
        await errorOf(() => bench.channel.send(textTo())),
        await errorOf(() =>
          bench.channel.fetchMedia({ ...bench.harness.media.ref, sha256: "0".repeat(64) }, target),
        ),
      ];
      const said = [inspect(errors, { depth: 12, showHidden: true }), ...bench.logged].join("\n");
      const found = forbidden.findIndex((text) => said.includes(text));
      assert.equal(found, -1, `${found < secrets.length ? "a secret" : "personal data"} after ${status}`);
    }
  },
  "sends go to the configured host and nowhere else": async (bench) => {
    const { targets } = await watchSockets(() => bench.make(bench.settings).send(textTo()));
    for (const target of targets) assert.equal(target, new URL(bench.proxy.url).host);
  },
};

function lastPassed({ proxy }: ChannelBench): Passed {
  const last = proxy.passed.at(-1);
  assert.ok(last, "nothing was sent");
  return last;
}
