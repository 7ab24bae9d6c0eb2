import { expect, test } from "vitest";
import type { PersonMessage, PersonRequest } from "../../src/sandbox/graph/person-message.ts";
import { numberOf, writeMessages } from "../../src/sandbox/graph/receive.ts";
import type { Json } from "../../src/sandbox/read.ts";
import { ANA, NUMBER, number } from "./graph-setup.ts";
import { changeValue, HOOK, NOW, quietWorld } from "./graph-world.ts";

const bob = { phone: "+447700900199", name: "Bob" };

function text(words: string, own: Partial<PersonMessage> = {}): PersonMessage {
  return {
    number: NUMBER,
    person: ANA,
    hidePhone: false,
    forwarded: false,
    type: "text",
    text: words,
    extra: {},
    ...own,
  };
}

function asked(messages: PersonMessage[], own: Partial<PersonRequest> = {}): PersonRequest {
  return { delivery: "single", repeat: 1, wait: true, messages, ...own };
}

/** Words by webhook and change. */
function words(posted: { body: Json }[]): string[][][] {
  return posted.map(({ body }) =>
    (body["entry"] as { changes: { value: { messages: { text: { body: string } }[] } }[] }[])
      .flatMap(({ changes }) => changes)
      .map(({ value }) => value.messages.map((one) => one.text.body)),
  );
}

test("a message is noted, remembered and posted with its number and contact", async () => {
  const { world, posted } = quietWorld();
  const { wamids } = await writeMessages(world, asked([text("hi")]));
  expect(wamids).toEqual([expect.stringMatching(/^wamid\./)]);
  const [wamid = ""] = wamids;
  expect(world.wrote.has(wamid)).toBe(true);
  expect(world.journal.since(0)[0]).toMatchObject({
    kind: "message",
    number: NUMBER,
    person: ANA.phone,
    wamid,
    type: "text",
    message: { id: wamid, text: { body: "hi" }, timestamp: String(NOW / 1000) },
  });
  expect(world.journal.since(1)).toMatchObject([
    { kind: "webhook", field: "messages", wamids, attempt: 1, status: 200 },
  ]);
  expect(posted[0]?.url).toBe(HOOK);
  expect(posted[0]?.body).toMatchObject({
    entry: [{ id: "102290129340398", changes: [{ field: "messages" }] }],
  });
  expect(changeValue(posted[0])).toMatchObject({
    metadata: { phone_number_id: NUMBER },
    contacts: [{ profile: { name: "Ana" }, wa_id: "447700900123" }],
    messages: [{ id: wamid }],
  });
});

test("a number that is not ours is told", async () => {
  const { world } = quietWorld();
  expect(() => numberOf(world, "9")).toThrow("number: no business number has the id 9");
  await expect(writeMessages(world, asked([text("hi", { number: "9" })]))).rejects.toThrow("the id 9");
});

test("the window counts from the latest message by its own time, and a change of number is none", async () => {
  const { world } = quietWorld();
  const last = () => world.people.meet(ANA).lastMessageAt.get(NUMBER);
  await writeMessages(world, asked([text("", { type: "system", content: {} })]));
  expect(last()).toBeUndefined();
  await writeMessages(world, asked([text("old", { sentAt: 5 })]));
  expect(last()).toBe(5);
  await writeMessages(world, asked([text("now")]));
  await writeMessages(world, asked([text("late", { sentAt: 7 })]));
  expect(last()).toBe(NOW);
});

test("a system message carries no contacts", async () => {
  const { world, posted } = quietWorld();
  await writeMessages(world, asked([text("", { type: "system", content: { body: "moved" } })]));
  expect(changeValue(posted[0])).not.toHaveProperty("contacts");
  expect(changeValue(posted[0])).toMatchObject({ messages: [{ type: "system", system: { body: "moved" } }] });
});

test("a message may have an id and a time of its own", async () => {
  const { world, posted } = quietWorld();
  const own = text("hi", { wamid: "wamid.own", sentAt: 3_000 });
  expect(await writeMessages(world, asked([own]))).toEqual({ wamids: ["wamid.own"] });
  expect(changeValue(posted[0])).toMatchObject({ messages: [{ id: "wamid.own", timestamp: "3" }] });
});

test("a person's file is posted with its address", async () => {
  const { world, posted } = quietWorld();
  const media = { bytes: Buffer.from("x"), mimeType: "image/png", voice: false };
  await writeMessages(world, asked([text("Look", { type: "image", media })]));
  const url = expect.stringContaining("http://graph.test/whatsapp_business/attachments/?mid=");
  expect(changeValue(posted[0])).toMatchObject({ messages: [{ image: { caption: "Look", url } }] });
});

const four = [text("1"), text("2"), text("3", { person: bob }), text("4")];

test.each<[own: Partial<PersonRequest>, posts: string[][][]]>([
  [{ delivery: "single" }, [[["1"]], [["2"]], [["3"]], [["4"]]]],
  [{ delivery: "album" }, [[["1"]], [["2"]], [["3"]], [["4"]]]],
  [{ delivery: "batch" }, [[["1", "2"], ["3"], ["4"]]]],
  [
    { delivery: "batch", repeat: 2 },
    [
      [["1", "2"], ["3"], ["4"]],
      [["1", "2"], ["3"], ["4"]],
    ],
  ],
  [{ delivery: "batch", repeat: 0 }, [[["1", "2"], ["3"], ["4"]]]],
])("four messages asked for with %j are posted as %j", async (own, posts) => {
  const { world, posted } = quietWorld();
  const { wamids } = await writeMessages(world, asked(four, own));
  expect(words(posted)).toEqual(posts);
  expect(wamids).toHaveLength(4);
  const told = world.journal.since(4).flatMap((entry) => (entry.kind === "webhook" ? entry.wamids : []));
  expect(new Set(told)).toEqual(new Set(wamids));
});

test("a batch is one webhook an app and callback, and one change a number", async () => {
  const numbers = [
    number({ callbackUrl: HOOK }),
    number({ callbackUrl: HOOK, phoneNumberId: "2" }),
    number({ callbackUrl: HOOK, phoneNumberId: "3", appSecret: "another" }),
    number({ callbackUrl: `${HOOK}/4`, phoneNumberId: "4" }),
    number({ callbackUrl: HOOK, phoneNumberId: "5", wabaId: "w5" }),
  ];
  const { world, posted } = quietWorld({ numbers });
  const messages = [NUMBER, "2", "3", "4", "5"].map((to) => text(to, { number: to }));
  await writeMessages(world, asked(messages, { delivery: "batch" }));
  expect(words(posted)).toEqual([[[NUMBER], ["2"], ["5"]], [["3"]], [["4"]]]);
});

test("messages in turn wait for the answer to the one before; an album's do not", async () => {
  for (const [delivery, before] of [
    ["single", 1],
    ["album", 4],
  ] as const) {
    const { world } = quietWorld();
    let open = 0;
    let release = () => {};
    const gate = new Promise<boolean>((resolve) => {
      release = () => resolve(true);
    });
    world.sender.post = () => {
      open += 1;
      return gate;
    };
    await writeMessages(world, asked(four, { delivery, wait: false }));
    expect([delivery, open]).toEqual([delivery, before]);
    release();
  }
});

test("the request waits for the callback's answer only where that is asked for", async () => {
  const { world } = quietWorld();
  let isAnswered = false;
  world.sender.post = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isAnswered = true;
    return true;
  };
  await writeMessages(world, asked([text("hi")], { wait: false }));
  expect(isAnswered).toBe(false);
  await writeMessages(world, asked([text("hi")]));
  expect(isAnswered).toBe(true);
});
