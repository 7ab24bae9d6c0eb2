import { PluginError } from "deskferry/sdk";
import { expect, it, onTestFinished } from "vitest";
import { attachmentOf, eventually } from "../../src/sdk/testing/bench.ts";
import { assertKind, errorOf } from "../../src/sdk/testing/error-kinds.ts";
import { readAll } from "../../src/sdk/testing/fault-proxy.ts";
import { watchSockets } from "../../src/sdk/testing/socket-watch.ts";
import { startWebhookReceiver } from "../../src/sdk/testing/webhook-receiver.ts";

const rejected = new PluginError({ kind: "rejected", operatorMessage: "no" });

it("an error of the right kind is handed back", async () => {
  expect(await assertKind(() => Promise.reject(rejected), ["auth", "rejected"])).toBe(rejected);
});

it.each<[what: string, call: () => Promise<unknown>, says: string]>([
  ["success", async () => "fine", "nothing was thrown, expected auth or config"],
  [
    "an error of another class",
    () => Promise.reject(new Error("x")),
    "threw Error: x, which is no PluginError",
  ],
  ["another kind", () => Promise.reject(rejected), "kind is rejected, expected auth or config"],
])("%s is not what was expected", async (_what, call, says) => {
  await expect(assertKind(call, ["auth", "config"])).rejects.toThrow(says);
});

it("what was thrown is told, and nothing where nothing was", async () => {
  expect(await errorOf(() => Promise.reject(rejected))).toBe(rejected);
  expect(await errorOf(async () => "fine")).toBeUndefined();
});

it("a file in memory is told with its size and can be opened again", async () => {
  const file = attachmentOf("a.txt", "text/plain", Buffer.from("words"));
  expect(file).toMatchObject({ name: "a.txt", mimeType: "text/plain", size: 5 });
  for (let round = 0; round < 2; round += 1) expect((await readAll(file.open())).toString()).toBe("words");
});

it("asks again until there is an answer, of which nought is one too", async () => {
  const answers = [undefined, undefined, 0, 1];
  expect(await eventually(async () => answers.shift(), 5_000)).toBe(0);
  expect(answers).toEqual([1]);
});

it("asks once where there is no time", async () => {
  let count = 0;
  expect(await eventually(async () => void count++, 0)).toBeUndefined();
  expect(count).toBe(1);
});

it("webhooks are taken in with their query, headers and raw body, oldest first", async () => {
  const receiver = await startWebhookReceiver();
  onTestFinished(() => receiver.stop());
  expect(new URL(receiver.url).pathname).toBe("/webhooks/connections/conformance");
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${receiver.url}?a=b`, { method: "POST", body, headers });
  const answer = await post("one", { "X-Mark": "m" });
  expect([answer.status, await answer.text()]).toEqual([200, "ok"]);
  await post("two", {});
  expect(receiver.received).toMatchObject([{ query: { a: "b" }, headers: { "x-mark": "m" } }, {}]);
  expect(receiver.received.map(({ body }) => body.toString())).toEqual(["one", "two"]);
  expect(await receiver.first(({ body }) => (body.length === 3 ? body.toString() : undefined), 0)).toBe(
    "one",
  );
  expect(await receiver.first(({ body }) => body.includes("tw") || undefined, 0)).toBe(true);
  expect(await receiver.first(() => undefined, 0)).toBeUndefined();
});

it("connections are told of the call that made them, and of no other", async () => {
  const receiver = await startWebhookReceiver();
  onTestFinished(() => receiver.stop());
  const ask = async () => (await fetch(receiver.url, { headers: { connection: "close" } })).text();
  const [first, second] = await Promise.all([watchSockets(ask), watchSockets(async () => 7)]);
  expect(first.result).toBe("ok");
  expect([...first.targets]).toEqual([new URL(receiver.url).host]);
  expect([second.result, ...second.targets]).toEqual([7]);
});
