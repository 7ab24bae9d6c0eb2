import { expect, test } from "vitest";
import { allMimeTypes, kindsOf, maxBytesOf } from "../../src/sandbox/graph/media-kinds.ts";

const MB = 1_048_576;

const known: [type: string, kind: string, most: number][] = [
  ["image/jpeg", "image", 5 * MB],
  ["image/png", "image", 5 * MB],
  ["video/mp4", "video", 16 * MB],
  ["video/3gpp", "video", 16 * MB],
  ["audio/aac", "audio", 16 * MB],
  ["audio/amr", "audio", 16 * MB],
  ["audio/mpeg", "audio", 16 * MB],
  ["audio/mp4", "audio", 16 * MB],
  ["audio/ogg", "audio", 16 * MB],
  ["text/plain", "document", 100 * MB],
  ["application/pdf", "document", 100 * MB],
  ["application/msword", "document", 100 * MB],
  ["application/vnd.ms-excel", "document", 100 * MB],
  ["application/vnd.ms-powerpoint", "document", 100 * MB],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document", 100 * MB],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document", 100 * MB],
  ["application/vnd.openxmlformats-officedocument.presentationml.presentation", "document", 100 * MB],
  ["image/webp", "sticker", 512_000],
];

test.each(known)("a file of the type %s goes as %s, of at most %i bytes", (type, kind, most) => {
  expect([kindsOf(type), maxBytesOf(type)]).toEqual([[kind], most]);
});

test("the types told in a refusal are those that are taken, in order", () => {
  expect(allMimeTypes()).toEqual(known.map(([type]) => type));
});

test.each([
  ["AUDIO/OGG; codecs=opus", ["audio"]],
  ["audio/ogg ;codecs=opus", ["audio"]],
  ["audio/ogg", ["audio"]],
  ["application/zip", []],
  ["", []],
])("'%s' can be sent as %j", (type, kinds) => {
  expect(kindsOf(type)).toEqual(kinds);
});

test("of a type that cannot be sent no byte is allowed", () => {
  expect(maxBytesOf("application/zip")).toBe(0);
});
