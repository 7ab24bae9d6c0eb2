import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./callback-server.ts";
import { ANA, NUMBER, number, type Pair, startPair, text } from "./graph-setup.ts";

let pair: Pair;
beforeEach(async () => {
  pair = await startPair();
});
afterEach(() => pair.stop());

const statesOf = () =>
  pair.callback.caught
    .flatMap(({ body }) => JSON.parse(body.toString("utf8")).entry[0].changes[0].value.statuses ?? [])
    .map(({ status }: { status: string }) => status)
    .sort();

test.each([
  ["once unless asked otherwise", {}, ["delivered", "read", "sent"]],
  ["twice where all are doubled", { double: 1 }, ["delivered", "delivered", "read", "read", "sent", "sent"]],
])("a status comes %s", async (_how, behaviour, states) => {
  await pair.write({ text: "hello" });
  await pair.control("PUT", "/statuses", behaviour);
  await pair.send(text("hi"));
  await eventually(() => statesOf().length >= states.length || undefined);
  expect(statesOf()).toEqual(states);
});

test("the event stream begins after the event that it is told, in its address or in a header", async () => {
  for (const words of ["one", "two", "three"]) await pair.write({ text: words });
  const { messages } = (await pair.control("GET", "/ledger")).body as { messages: { seq: number }[] };
  const after = messages[1]?.seq ?? 0;
  const firstEvent = async (query: string, headers: Record<string, string> = {}) => {
    const stream = await fetch(`${pair.graph.url}/sandbox/events${query}`, { headers });
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const reader = stream.body?.getReader();
    let heard = "";
    while (!/^data: .*\n\n/m.test(heard))
      heard += Buffer.from((await reader?.read())?.value ?? []).toString();
    await reader?.cancel();
    return Number(/^id: (\d+)$/m.exec(heard)?.[1]);
  };
  expect(await firstEvent("")).toBe(1);
  expect(await firstEvent(`?after=${after}`)).toBe(after + 1);
  expect(await firstEvent("", { "Last-Event-ID": String(after) })).toBe(after + 1);
  expect(await firstEvent("?after=0", { "Last-Event-ID": String(after) })).toBe(after + 1);
  expect(await firstEvent("?after=soon")).toBe(1);
});

test("neighbours in a batch share a change when they are of one person to one number, and no others do", async () => {
  const other = { phone: "+447700900199", name: "Bob" };
  const messages = [
    { text: "1", person: ANA },
    { text: "2", person: ANA },
    { text: "3", person: other },
    { text: "4", person: ANA },
  ];
  await pair.control("POST", "/messages", { delivery: "batch", wait: true, messages });
  const { entry } = JSON.parse(pair.callback.caught[0]?.body.toString("utf8") ?? "{}");
  const bodies = entry
    .flatMap(({ changes }: { changes: { value: { messages: { text: { body: string } }[] } }[] }) => changes)
    .map(({ value }: { value: { messages: { text: { body: string } }[] } }) =>
      value.messages.map((one) => one.text.body),
    );
  expect(bodies).toEqual([["1", "2"], ["3"], ["4"]]);
});

test("statuses come at once, all and in order, unless they are set otherwise", async () => {
  const usual = {
    delaysMs: { sent: 0, delivered: 0, read: 0 },
    lose: 0,
    double: 0,
    shuffle: false,
    beforeAnswer: false,
  };
  expect((await pair.control("PUT", "/statuses", {})).body).toEqual(usual);
  const changed = { delaysMs: { read: 5 }, lose: 0.5, double: 0.25, shuffle: true, beforeAnswer: true };
  expect((await pair.control("PUT", "/statuses", changed)).body).toEqual(changed);
  expect((await pair.control("PUT", "/statuses", { lose: 0 })).body).toEqual({ ...changed, lose: 0 });
});

test("what one person writes to two numbers of an account shares no change", async () => {
  const two = await startPair({ numbers: [number(), number({ phoneNumberId: "2" })] });
  const messages = [{ text: "1" }, { text: "2", number: "2" }, { text: "3", number: "2" }];
  await two.write({ delivery: "batch", messages });
  const numbers = two.callback.caught
    .flatMap(({ body }) => JSON.parse(body.toString("utf8")).entry)
    .flatMap(
      ({ changes }: { changes: { value: { metadata: { phone_number_id: string }; messages: [] } }[] }) =>
        changes,
    )
    .map(({ value }) => [value.metadata.phone_number_id, value.messages.length]);
  await two.stop();
  expect(numbers).toEqual([
    [NUMBER, 1],
    ["2", 2],
  ]);
});
