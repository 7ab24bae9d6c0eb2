import { expect, test } from "vitest";
import { checkMedia } from "../../src/sandbox/graph/check-media.ts";
import type { MediaKind } from "../../src/sandbox/graph/media-kinds.ts";

const from = {
  phoneNumberId: "1",
  media: {
    get: (id: string) =>
      ({
        png: { phoneNumberId: "1", mimeType: "image/png" },
        foreign: { phoneNumberId: "2", mimeType: "image/png" },
      })[id],
  } as never,
};
const link = "https://a.example/i.png";
const one = (kind: string) => ({
  code: 131008,
  details: `Just one of ${kind}.id and ${kind}.link is required.`,
});
const caption = (kind: string) => ({
  code: 131009,
  details: `${kind}.caption is not allowed, or exceeds 1024 characters.`,
});
const address = { code: 131009, details: "image.link is not a valid address." };
const foreign = (id: string) => ({
  code: 131009,
  details: `image.id ${id} is no file of this business number.`,
});

test.each<[kind: MediaKind, given: object, answer: object]>([
  ["image", {}, one("image")],
  ["audio", { id: "png", link }, one("audio")],
  ["image", { id: "png" }, { kind: "image", id: "png", mimeType: "image/png" }],
  [
    "image",
    { id: "png", caption: "A", filename: "a.png" },
    { kind: "image", id: "png", mimeType: "image/png", caption: "A", fileName: "a.png" },
  ],
  ["image", { id: "absent" }, foreign("absent")],
  ["image", { id: "foreign" }, foreign("foreign")],
  [
    "video",
    { id: "png" },
    { code: 131053, details: "A file of the type image/png cannot be sent as video." },
  ],
  ["image", { link }, { kind: "image", link }],
  ["image", { link: "http://a.example/" }, { kind: "image", link: "http://a.example/" }],
  [
    "document",
    { link, filename: "a.pdf", caption: "A" },
    { kind: "document", link, fileName: "a.pdf", caption: "A" },
  ],
  ["image", { link: "ftp://a.example/i.png" }, address],
  ["image", { link: "see https://a.example/i.png" }, address],
  ["image", { link: " https://a.example/i.png" }, address],
  ["image", { link: "https://" }, address],
  ["image", { link, caption: "x".repeat(1024) }, { kind: "image", link, caption: "x".repeat(1024) }],
  ["image", { link, caption: "x".repeat(1025) }, caption("image")],
  ["audio", { link, caption: "A" }, caption("audio")],
  ["sticker", { link, caption: "A" }, caption("sticker")],
  ["audio", { link }, { kind: "audio", link }],
  ["sticker", { link, caption: "" }, { kind: "sticker", link }],
])("%s of %j is judged: %j", (kind, given, answer) => {
  expect(checkMedia(kind, { ...given }, from)).toEqual(answer);
});
