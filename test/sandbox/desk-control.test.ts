import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeskPair, openTicket, startDeskPair } from "./desk-setup.ts";

let pair: DeskPair;
let ticket: string;
beforeAll(async () => {
  pair = await startDeskPair();
  ticket = await openTicket(pair);
});
afterAll(() => pair.stop());

const sam = { id: "agent-1", name: "Sam", kind: "agent" };
const ok = { status: 200, body: { ok: true } };

test("staff make contacts and tickets under their own name, else as Sam", async () => {
  const contact = await pair.staff("POST", "/contacts", { external_id: "b", name: "Bob" });
  expect(contact).toMatchObject({ status: 200, body: { external_id: "b", name: "Bob" } });
  const contactId = (contact.body as { id: string }).id;
  const agent = { id: "maya", name: "Maya" };
  const made = await pair.staff("POST", "/tickets", { contact_id: contactId, subject: "Light", agent });
  expect(made).toMatchObject({ status: 200, body: { subject: "Light" } });
  const { changes } = (await pair.api("GET", "/changes?after=0")).body as {
    changes: { type: string; actor: object }[];
  };
  expect(changes.slice(-2).map(({ type, actor }) => [type, actor])).toEqual([
    ["contact.saved", sam],
    ["ticket.created", { ...agent, kind: "agent" }],
  ]);
});

test("the ledger shows what the helpdesk holds", async () => {
  const comment = await pair.staff("POST", `/tickets/${ticket}/comments`, { body: "hi" });
  expect(comment.body).toMatchObject({ author: sam, visibility: "public" });
  expect((await pair.staff("GET", "/ledger")).body).toMatchObject({
    contacts: [{ name: "Ana" }, { name: "Bob" }],
    tickets: [{ id: ticket, comments: [{ body: "hi" }] }, { subject: "Light" }],
  });
});

test.each([
  ["POST", "/contacts", {}, "invalid: external_id: required"],
  ["POST", "/tickets", { subject: "x" }, "invalid: contact_id: no such contact"],
  ["PATCH", "/tickets/9", {}, "not_found: ticket"],
  ["POST", "/tickets/9/comments", { body: "x" }, "not_found: ticket"],
  ["PATCH", "/comments/9", {}, "not_found: comment"],
  ["PUT", "/callback", { url: "nowhere" }, "url: the address that takes webhooks"],
  ["PUT", "/callback", {}, "url: the address that takes webhooks"],
  ["PUT", "/settings", { externalIds: "some" }, "externalIds: use unique or plain"],
])("%s %s with %j is refused: %s", async (method, path, body, error) => {
  expect(await pair.staff(method, path, body)).toEqual({ status: 400, body: { error } });
});

test("settings of the wrong kind change nothing", async () => {
  const settings = { externalIds: "plain", lagMs: 0, echoFirst: false };
  expect((await pair.staff("PUT", "/settings", { lagMs: "5", echoFirst: "yes" })).body).toEqual(settings);
});

test("faults are listed, and cleared before they spoil anything", async () => {
  expect(await pair.staff("POST", "/faults", { operation: "account", status: 418 })).toEqual(ok);
  const fault = { operation: "account", times: 1, when: "before", outcome: { status: 418, headers: {} } };
  expect((await pair.staff("GET", "/faults")).body).toEqual({ faults: [fault] });
  expect(await pair.staff("DELETE", "/faults")).toEqual(ok);
  expect((await pair.api("GET", "/account")).status).toBe(200);
});

test("a file that staff attach is shown as what it is, for this visitor alone", async () => {
  const photo = { name: "a.png", mimeType: "image/png", base64: Buffer.from("png").toString("base64") };
  const answer = await pair.staff("POST", `/tickets/${ticket}/comments`, {
    body: "see",
    attachments: [photo],
  });
  const { attachments } = answer.body as { attachments: { id: string }[] };
  const shown = await fetch(`${pair.desk.url}/sandbox/attachments/${attachments[0]?.id}`);
  expect([shown.headers.get("content-type"), shown.headers.get("cache-control"), await shown.text()]).toEqual(
    ["image/png", "private, max-age=3600", "png"],
  );
  const none = await fetch(`${pair.desk.url}/sandbox/attachments/9`);
  expect([none.status, await none.text()]).toEqual([404, ""]);
});

test("the callback is set to a new address", async () => {
  expect(await pair.staff("PUT", "/callback", { url: `${pair.callback.url}?moved` })).toEqual(ok);
});
