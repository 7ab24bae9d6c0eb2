import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { type FormPart, formBody } from "../../src/sdk/form-body.ts";

async function sent(parts: FormPart[]) {
  const { data, headers } = formBody(parts);
  const bytes = Buffer.concat(await data.toArray());
  const boundary =
    /^multipart\/form-data; ?boundary=(.+)$/.exec(headers["content-type"] ?? "")?.[1] ?? "none";
  const pieces = bytes.toString().split(`--${boundary}`).slice(1, -1);
  return { headers, bytes, pieces: pieces.map((piece) => piece.replace(/^\r\n|\r\n$/g, "")) };
}

const file = (size: number, open: () => Readable) => ({ name: "a.txt", mimeType: "text/plain", size, open });

it("a form has a part for each value and file, with the types that are told", async () => {
  const { pieces } = await sent([
    { name: "kind", value: "ticket" },
    { name: "data", value: '{"a":1}', mimeType: "application/json" },
    { name: "file", file: file(5, () => Readable.from([Buffer.from("hel"), Buffer.from("lo")])) },
  ]);
  expect(pieces).toEqual([
    'Content-Disposition: form-data; name="kind"\r\n\r\nticket',
    'Content-Disposition: form-data; name="data"\r\nContent-Type: application/json\r\n\r\n{"a":1}',
    'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello',
  ]);
});

it("its length is told beforehand, files included", async () => {
  const parts: FormPart[] = [
    { name: "kind", value: "ticket" },
    { name: "file", file: file(5, () => Readable.from([Buffer.from("hello")])) },
  ];
  const { headers, bytes } = await sent(parts);
  expect(headers["Content-Length"]).toBe(String(bytes.length));
});

it("a file that breaks while it is read breaks the body", async () => {
  const broken = () =>
    new Readable({
      read() {
        this.destroy(new Error("the disk is gone"));
      },
    });
  const { data } = formBody([{ name: "file", file: file(5, broken) }]);
  await expect(data.toArray()).rejects.toThrow("the disk is gone");
});
