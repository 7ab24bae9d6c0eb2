import assert from "node:assert/strict";
import type { HelpdeskEvent } from "../../domain/event.ts";
import type { WebhookRequest } from "../webhook-request.ts";
import type { Bench } from "./bench.ts";
import { forgeries } from "./forgeries.ts";
import type { Group, GroupContext } from "./group.ts";
import { jsonSchemaOf, replaceSecrets } from "./settings-walk.ts";
import { checkNote, checkReply, checkStatus, isComment, type Observe, writeAndWait } from "./way-back.ts";
import { startWebhookReceiver, type WebhookReceiver } from "./webhook-receiver.ts";

const WITHIN_MS = 15_000;
const HOUR_MS = 3_600_000;

interface Received {
  event: HelpdeskEvent;
  request: WebhookRequest;
}

/** The way of webhooks from the server to events, shared by the tests of a group. */
function createPush({ afterAll }: GroupContext) {
  let receiver: WebhookReceiver | undefined;
  // What was received is looked through again and again; parsing may cost an evaluation each time.
  const parsed = new WeakMap<WebhookRequest, Promise<HelpdeskEvent[]>>();
  function eventsOf({ connector }: Bench, request: WebhookRequest): Promise<HelpdeskEvent[]> {
    const events = parsed.get(request) ?? Promise.resolve(connector.parseWebhook(request));
    parsed.set(request, events);
    return events;
  }
  afterAll(async () => receiver?.stop());
  /** Begins with the first test: the server may have to restart for another address. */
  async function start({ harness }: Bench): Promise<WebhookReceiver> {
    if (receiver) return receiver;
    assert.ok(harness.sendWebhooksTo, "the harness lacks sendWebhooksTo, though changes are pushed");
    receiver = await startWebhookReceiver();
    await harness.sendWebhooksTo(receiver.url);
    return receiver;
  }
  /** Every webhook on the way must be validly signed. */
  async function next(
    bench: Bench,
    matches: (event: HelpdeskEvent) => boolean,
  ): Promise<Received | undefined> {
    const { first } = await start(bench);
    return first(async (request) => {
      const event = (await eventsOf(bench, request)).find(matches);
      if (!event) return undefined;
      assert.ok(bench.connector.verifyWebhook?.(request), "a webhook of the server was refused");
      return { event, request };
    }, WITHIN_MS);
  }
  return {
    start,
    eventsOf,
    observe:
      (bench: Bench): Observe =>
      async (matches) =>
        (await next(bench, matches))?.event,
    /** A webhook as the server signs it, of a reply made just now. */
    async genuine(bench: Bench): Promise<Received> {
      await start(bench);
      const { id } = await bench.ticket();
      const text = `genuine ${bench.unique()}`;
      await bench.harness.staff.reply(id, text);
      const received = await next(bench, (event) => isComment(event, text));
      assert.ok(received, "no webhook came");
      return received;
    },
  };
}

type Push = ReturnType<typeof createPush>;

const isPushed: Group["inapplicable"] = ({ capabilities }) =>
  capabilities.changes.includes("push") ? undefined : "changes are not pushed";

export const webhooksGroup: Group = {
  inapplicable: isPushed,
  define(context) {
    const { example, test } = context;
    const push = createPush(context);

    test("a public reply of staff arrives as text", async (bench) => {
      await push.start(bench);
      await checkReply(bench, push.observe(bench));
    });
    if (example.capabilities.internalComments) {
      test("P19: a private note arrives as internal", async (bench) => {
        await push.start(bench);
        await checkNote(bench, push.observe(bench));
      });
    }
    test("a change of status arrives in our words", async (bench) => {
      await push.start(bench);
      await checkStatus(bench, push.observe(bench));
    });
    test("P18: our own writes come back as our own, or not at all", async (bench) => {
      const { received } = await push.start(bench);
      const { isOwn } = await writeAndWait(bench, push.observe(bench));
      const events = (await Promise.all(received.map((request) => push.eventsOf(bench, request)))).flat();
      for (const event of events.filter(isOwn))
        assert.ok(event.author.isUs, `our own ${event.type} came as staff's`);
    });
    test("P18: our own writes are known before the answer to them arrives", async (bench) => {
      const { received } = await push.start(bench);
      const { isOwn } = await writeAndWait(bench, push.observe(bench));
      // One that has written nothing has heard no answer: what it knows of our writes stands in the webhook.
      const unaware = bench.make();
      for (const request of received) {
        for (const event of (await unaware.parseWebhook(request)).filter(isOwn))
          assert.ok(event.author.isUs, `our own ${event.type} came as staff's`);
      }
    });
    if (example.listChanges) {
      test("P32: a change has the same id by webhook and by polling", async (bench) => {
        const start = await bench.connector.listChanges?.(undefined);
        const { event } = await push.genuine(bench);
        const polled = (await bench.connector.listChanges?.(start?.cursor))?.events ?? [];
        assert.ok(
          polled.some(({ id }) => id === event.id),
          "polling gives the change another id",
        );
      });
    }
    deliveryTests(context, push);
    trustTests(context, push);
  },
};

/** Several at once, and one again: how servers send what they have to tell. */
function deliveryTests({ test }: GroupContext, push: Push): void {
  test("P10: changes made at once arrive one by one, in their order, in however many webhooks", async (bench) => {
    const { received } = await push.start(bench);
    const { id } = await bench.ticket();
    const run = bench.unique();
    const texts = ["one", "two", "three", "four"].map((word) => `${word} ${run}`);
    for (const text of texts) await bench.harness.staff.reply(id, text);
    for (const text of texts) {
      const found = await push.observe(bench)((event) => isComment(event, text));
      assert.ok(found, "one of several changes did not arrive");
    }
    const events = (await Promise.all(received.map((request) => push.eventsOf(bench, request)))).flat();
    const replies = events.filter((event) => isComment(event, run));
    const distinct = [...new Map(replies.map((event) => [event.id, event])).values()];
    assert.deepEqual(
      distinct.map((event) => (event.type === "comment.added" ? event.body.trim() : "")),
      texts,
    );
  });
  test("P32: a webhook that is delivered again brings the same ids", async (bench) => {
    const { request } = await push.genuine(bench);
    const idsBy = async (connector: typeof bench.connector) =>
      (await connector.parseWebhook(request)).map(({ id }) => id);
    const first = await idsBy(bench.connector);
    assert.deepEqual(await idsBy(bench.connector), first);
    assert.deepEqual(await idsBy(bench.make()), first, "another process gives it another id");
  });
}

/** Who may send, and what they may send. */
function trustTests({ definition, test }: GroupContext, push: Push): void {
  test("P21: a forged webhook is refused", async (bench) => {
    const { request } = await push.genuine(bench);
    for (const [name, forged] of Object.entries(forgeries(request))) {
      assert.equal(bench.connector.verifyWebhook?.(forged), false, `accepted: ${name}`);
    }
  });
  test("P21: a webhook signed with another secret is refused", async (bench) => {
    const { request } = await push.genuine(bench);
    const settings = replaceSecrets(jsonSchemaOf(definition.config), bench.settings);
    assert.equal(bench.make({ settings }).verifyWebhook?.(request), false);
  });
  test("P08: what cannot be read brings no event and no error", async (bench) => {
    const { request } = await push.genuine(bench);
    const cut = request.body.subarray(0, request.body.length / 2).toString();
    const odd = [
      "",
      "null",
      "[]",
      "{}",
      "7",
      '"x"',
      "not json",
      '{"__proto__":{"a":1}}',
      "[".repeat(50_000),
      cut,
    ];
    for (const text of odd) {
      const events = await bench.connector.parseWebhook({ ...request, body: Buffer.from(text) });
      assert.deepEqual(events, [], text.slice(0, 40));
    }
    const unknown = request.body
      .toString()
      .replace(/"(type|event|action|kind)":"[^"]*"/gi, '"$1":"unknown_kind"');
    await bench.connector.parseWebhook({ ...request, body: Buffer.from(unknown) });
  });
}

/** Apart from the others, because some vendors sign no time. */
export const webhookAgeGroup: Group = {
  inapplicable: isPushed,
  define(context) {
    const push = createPush(context);
    context.test("a webhook that is captured and sent again an hour later is refused", async (bench) => {
      const { request } = await push.genuine(bench);
      for (const shift of [-HOUR_MS, HOUR_MS]) {
        const connector = bench.make({ now: () => Date.now() + shift });
        assert.equal(connector.verifyWebhook?.(request), false, `accepted with the clock ${shift} ms off`);
      }
    });
  },
};
