import type { Request } from "express";
import { expect, test } from "vitest";
import { readForm } from "../../src/sandbox/form.ts";

const asked = (type: string | undefined, body: unknown) =>
  ({ get: (name: string) => (name === "content-type" ? type : undefined), body }) as unknown as Request;

async function multipart(form: FormData) {
  const sent = new Response(form);
  return asked(sent.headers.get("content-type") ?? "", Buffer.from(await sent.arrayBuffer()));
}

test("a form is taken apart into its fields and the files called file, in order", async () => {
  const form = new FormData();
  form.append("comment", "hi");
  form.append("file", new Blob(["one"], { type: "image/png" }), "صورة.png");
  form.append("file", new Blob(["two"], { type: "text/plain" }), "b.txt");
  form.append("other", new Blob(["no"]), "c.bin");
  const { fields, files } = await readForm(await multipart(form));
  expect(fields).toEqual({ comment: "hi" });
  expect(files).toEqual([
    { name: "صورة.png", mimeType: "image/png", bytes: Buffer.from("one") },
    { name: "b.txt", mimeType: "text/plain", bytes: Buffer.from("two") },
  ]);
});

test.each([
  ["application/json", { a: 1 }, { a: 1 }],
  ["application/json; of multipart/form-data", { a: 1 }, { a: 1 }],
  [undefined, undefined, {}],
])("a body of the type %s is a form without files", async (type, body, fields) => {
  expect(await readForm(asked(type, body))).toEqual({ fields, files: [] });
});

test.each([[Buffer.from("no form")], [undefined], [{}]])(
  "a body of %j is no multipart form",
  async (body) => {
    await expect(readForm(asked("multipart/form-data; boundary=x", body))).rejects.toThrow();
  },
);
