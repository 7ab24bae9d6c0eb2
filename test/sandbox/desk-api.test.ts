import { afterAll, beforeAll, expect, test } from "vitest";
import { deskOperations } from "../../src/sandbox/desk/desk-api.ts";
import { call } from "./callback-server.ts";
import { DESK_TOKEN, type DeskPair, openTicket, startDeskPair } from "./desk-setup.ts";

let pair: DeskPair;
let ticket: string;
let attachment: string;
const headers = { Authorization: `Bearer ${DESK_TOKEN}` };
beforeAll(async () => {
  pair = await startDeskPair({ externalIds: "unique" });
  ticket = await openTicket(pair);
  const answer = await post({ comment: JSON.stringify({ body: "see", external_id: "m1" }) }, "photo");
  attachment = ((await answer.json()) as { attachments: { id: string }[] }).attachments[0]?.id ?? "";
});
afterAll(() => pair.stop());

function post(fields: Record<string, string>, file?: string) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (file) form.set("file", new Blob([file], { type: "image/png" }), "a.png");
  return fetch(`${pair.desk.url}/api/tickets/${ticket}/comments`, { method: "POST", headers, body: form });
}

test("the account says how external ids are kept and how large a file may be", async () => {
  expect(await pair.api("GET", "/account")).toEqual({
    status: 200,
    body: {
      id: "api",
      name: "API account",
      kind: "api",
      external_ids: "unique",
      max_attachment_bytes: 26_214_400,
    },
  });
});

test.each([
  ["GET", "/tickets/9/comments", 404, { error: "not_found", what: "ticket" }],
  ["GET", "/attachments/9", 404, { error: "not_found", what: "attachment" }],
  ["GET", "/nowhere", 404, { error: "not_found" }],
  ["GET", "/changes?limit=few", 422, { error: "invalid", field: "limit" }],
  ["GET", "/changes?limit=1.5", 422, { error: "invalid", field: "limit" }],
  ["GET", "/changes?after=x", 422, { error: "invalid", field: "after" }],
])("%s %s is answered with %i and %j", async (method, path, status, body) => {
  expect(await pair.api(method, path)).toEqual({ status, body });
});

test("without the token nothing is told but that", async () => {
  const body = { error: "unauthorised" };
  expect(await call(`${pair.desk.url}/api/account`)).toEqual({ status: 401, body });
  expect(await call(`${pair.desk.url}/api/account`, { token: "x" })).toEqual({ status: 401, body });
});

test("comments and tickets are listed whole, or by external id", async () => {
  const names = async (path: string, list: string) =>
    ((await pair.api("GET", path)).body as Record<string, { external_id: string }[]>)[list]?.map(
      (record) => record.external_id,
    );
  expect(await names("/tickets", "tickets")).toEqual(["deskferry/city/a1/1"]);
  expect(await names("/tickets?external_id=deskferry", "tickets")).toEqual(["deskferry/city/a1/1"]);
  expect(await names("/tickets?external_id=other", "tickets")).toEqual([]);
  expect(await names("/tickets?external_id=", "tickets")).toHaveLength(1);
  expect(await names(`/tickets/${ticket}/comments`, "comments")).toEqual(["m1"]);
  expect(await names(`/tickets/${ticket}/comments?external_id=m2`, "comments")).toEqual([]);
});

test("an attachment is read as it was sent", async () => {
  const file = await fetch(`${pair.desk.url}/api/attachments/${attachment}`, { headers });
  expect([file.status, file.headers.get("content-type"), await file.text()]).toEqual([
    200,
    "image/png",
    "photo",
  ]);
});

test("a form without the part of the comment is read by its fields; one with broken JSON is refused", async () => {
  const plain = await post({ body: "by fields" });
  expect([plain.status, await plain.json()]).toEqual([201, expect.objectContaining({ body: "by fields" })]);
  const broken = await post({ comment: "{" });
  expect([broken.status, await broken.json()]).toEqual([
    400,
    { error: "malformed", reason: "not a readable form" },
  ]);
  const json = await pair.api("POST", `/tickets/${ticket}/comments`, { body: "by JSON", comment: "{}" });
  expect(json).toMatchObject({ status: 201, body: { body: "by JSON", author: { id: "api" } } });
});

test("a ticket is moved by the API account", async () => {
  const moved = await pair.api("PATCH", `/tickets/${ticket}`, { status: "waiting" });
  expect(moved).toMatchObject({ status: 200, body: { id: ticket, status: "waiting" } });
});

test("a page of changes has a hundred unless told otherwise, 1 at least and 500 at most", async () => {
  for (let index = 0; index < 502; index += 1) {
    await pair.api("PUT", "/contacts", { external_id: "a", name: `Name ${index}` });
  }
  const count = async (query: string) =>
    ((await pair.api("GET", `/changes${query}`)).body as { changes: [] }).changes.length;
  expect(await count("?after=0")).toBe(100);
  expect(await count("?after=0&limit=0")).toBe(1);
  expect(await count("?after=0&limit=-5")).toBe(1);
  expect(await count("?after=0&limit=7")).toBe(7);
  expect(await count("?after=0&limit=501")).toBe(500);
  expect(await count("")).toBe(0);
});

const requests: Record<(typeof deskOperations)[number], () => [method: string, path: string]> = {
  account: () => ["GET", "/account"],
  "contact.save": () => ["PUT", "/contacts"],
  "ticket.create": () => ["POST", "/tickets"],
  "ticket.find": () => ["GET", "/tickets"],
  "ticket.update": () => ["PATCH", `/tickets/${ticket}`],
  "comment.add": () => ["POST", `/tickets/${ticket}/comments`],
  "comment.find": () => ["GET", `/tickets/${ticket}/comments`],
  "attachment.read": () => ["GET", `/attachments/${attachment}`],
  changes: () => ["GET", "/changes"],
};

test.each(Object.entries(requests))("a fault of '%s' spoils that request", async (operation, request) => {
  expect(deskOperations).toContain(operation);
  await pair.staff("POST", "/faults", { operation, status: 418 });
  const [method, path] = request();
  expect((await pair.api(method, path, method === "GET" ? undefined : {})).status).toBe(418);
  await pair.staff("DELETE", "/faults");
});
