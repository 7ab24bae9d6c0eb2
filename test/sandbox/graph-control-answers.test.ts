import { afterEach, beforeEach, expect, test } from "vitest";
import { ANA, NUMBER, number, type Pair, startPair, text } from "./graph-setup.ts";

let pair: Pair;
beforeEach(async () => {
  const second = number({ phoneNumberId: "2", displayPhoneNumber: "+44 2", verifiedName: "Second" });
  const now = () => Date.parse("2026-11-21T10:00:00Z");
  pair = await startPair({ numbers: [number({ verifyToken: "let-me-in" }), second], clock: { now } });
});
afterEach(() => pair.stop());

const ok = { status: 200, body: { ok: true } };
const refusal = (error: string) => ({ status: 400, body: { error } });

test("people and numbers are shown without secrets and windows", async () => {
  await pair.write({ text: "hi" });
  const userId = expect.stringMatching(/^ZZ\./);
  expect((await pair.control("GET", "/people")).body).toEqual({
    people: [{ key: ANA.phone, phone: ANA.phone, name: "Ana", userId }],
  });
  expect((await pair.control("GET", "/numbers")).body).toEqual({
    numbers: [
      { phoneNumberId: NUMBER, displayPhoneNumber: "+44 1632 960961", verifiedName: "City of Example" },
      { phoneNumberId: "2", displayPhoneNumber: "+44 2", verifiedName: "Second" },
    ],
    now: Date.parse("2026-11-21T10:00:00Z"),
  });
});

test.each([
  ["PUT", "/callback", {}, "url: the address that takes webhooks"],
  ["PUT", "/callback", { url: "nowhere" }, "url: the address that takes webhooks"],
  ["PUT", "/callback", { url: "http://a.example", number: "9" }, "number: no business number has the id 9"],
  ["PUT", "/secrets", {}, "accessToken, appSecret: one of them"],
  ["PUT", "/secrets", { appSecret: "x", number: "9" }, "number: no business number has the id 9"],
  ["POST", "/clock", {}, "advanceMs: a number of milliseconds"],
  ["POST", "/clock", { advanceMs: "soon" }, "advanceMs: a number of milliseconds"],
  ["POST", "/changes", { number: "9" }, "number: no business number has the id 9"],
  ["POST", "/handshake", { number: "9" }, "number: no business number has the id 9"],
])("%s %s with %j is refused: %s", async (method, path, body, error) => {
  expect(await pair.control(method, path, body)).toEqual(refusal(error));
});

test("the clock is put forward and says what time it is", async () => {
  const now = "2026-11-21T10:00:05.000Z";
  expect((await pair.control("POST", "/clock", { advanceMs: 5000 })).body).toEqual({ now });
  expect((await pair.control("GET", "/numbers")).body).toMatchObject({ now: Date.parse(now) });
});

test("the handshake is asked for the first number, or the one named", async () => {
  expect((await pair.control("POST", "/handshake", {})).body).toEqual({ verified: true });
  expect((await pair.control("POST", "/handshake", { number: "2" })).body).toEqual({ verified: false });
});

const posted = () => pair.callback.caught.map(({ body }) => JSON.parse(body.toString("utf8")));

test("a change of another field goes out as it is, one of messages with the number's metadata", async () => {
  const value = { event: "ban" };
  const change = { field: "account_update", value, number: "2" };
  expect((await pair.control("POST", "/changes", change)).body).toEqual({ accepted: true });
  await pair.control("POST", "/changes", { value });
  const metadata = { display_phone_number: "441632960961", phone_number_id: NUMBER };
  expect(posted().map(({ entry }) => entry[0].changes)).toEqual([
    [{ field: "account_update", value }],
    [{ field: "messages", value: { messaging_product: "whatsapp", metadata, ...value } }],
  ]);
});

test("faults are listed and cleared, those by status too", async () => {
  expect(await pair.control("POST", "/faults", { code: 131056, times: 2 })).toEqual(ok);
  await pair.control("POST", "/faults", { code: 131049, delivery: "status", times: 2 });
  await pair.control("POST", "/faults", { delayMs: 1, operation: "object" });
  const { faults } = (await pair.control("GET", "/faults")).body as { faults: object[] };
  const details = "asked for by the fault script";
  expect(faults).toEqual([
    {
      operation: "send",
      times: 2,
      when: "before",
      outcome: {
        status: 400,
        headers: {},
        body: {
          error: expect.objectContaining({ code: 131056, error_data: expect.objectContaining({ details }) }),
        },
      },
    },
    { operation: "object", times: 1, when: "before", delayMs: 1 },
  ]);
  expect(await pair.control("DELETE", "/faults")).toEqual(ok);
  expect((await pair.control("GET", "/faults")).body).toEqual({ faults: [] });
  await pair.write({ text: "hi" });
  expect((await pair.send(text("hi"))).status).toBe(200);
  await expect.poll(async () => (await states()).length).toBe(3);
  expect(await states()).not.toContain("failed");
});

const states = async () => {
  const { statuses } = (await pair.control("GET", "/ledger")).body as { statuses: { state: string }[] };
  return statuses.map(({ state }) => state);
};

test("a failure by status comes as often as asked for, with its own words", async () => {
  await pair.control("POST", "/faults", { code: 131049, delivery: "status", times: 2, details: "enough" });
  await pair.write({ text: "hi" });
  for (let count = 0; count < 3; count += 1) expect((await pair.send(text("hi"))).status).toBe(200);
  await expect.poll(async () => (await states()).length).toBe(5);
  expect((await states()).filter((state) => state === "failed")).toHaveLength(2);
  await expect.poll(() => JSON.stringify(posted()).match(/"details":"enough"/g)?.length).toBe(2);
});

test("the ledger is read from an entry on, and tells what is still on its way", async () => {
  await pair.write({ text: "1" });
  await pair.write({ text: "2" });
  const all = (await pair.control("GET", "/ledger")).body as { messages: { seq: number }[] };
  expect(all).toMatchObject({ messages: [{ seq: 1 }, { seq: 3 }], pendingWebhooks: 0 });
  const later = (await pair.control("GET", "/ledger?since=1")).body as typeof all;
  expect(later.messages.map(({ seq }) => seq)).toEqual([3]);
});

test("a person's file is shown as what it is, for this visitor alone", async () => {
  const media = { mimeType: "image/png", base64: Buffer.from("x").toString("base64") };
  await pair.write({ type: "image", media });
  const id = posted()[0].entry[0].changes[0].value.messages[0].image.id;
  const file = await fetch(`${pair.graph.url}/sandbox/media/${id}`);
  expect([file.status, file.headers.get("content-type"), file.headers.get("cache-control")]).toEqual([
    200,
    "image/png",
    "private, max-age=3600",
  ]);
  expect(await file.text()).toBe("x");
});

test("a secret is renewed for one number, the other secret and the other number stay", async () => {
  expect(await pair.control("PUT", "/secrets", { accessToken: "new", number: "2" })).toEqual(ok);
  expect((await pair.get("2", "new")).status).toBe(200);
  expect((await pair.get(NUMBER)).status).toBe(200);
  await pair.control("PUT", "/secrets", { appSecret: "new" });
  expect((await pair.get(NUMBER)).status).toBe(200);
});
