import { describe, expect, test } from "vitest";
import { contentOf } from "../../src/channels/cloud-api/parse-content.ts";

/** Content of a message of this type with this object. */
const of = (type: string, object: unknown) => contentOf({ type, [type]: object });
const shown = (type: string, object: unknown) => {
  const { type: shownType, text } = of(type, object);
  return [shownType, text];
};

describe("what a message is called, and the words that stand for it", () => {
  test.each<[string, unknown, string, string]>([
    ["text", { body: "Hello" }, "text", "Hello"],
    ["text", { body: "  " }, "unsupported", "[Unsupported message: text]"],
    ["image", { id: "1" }, "image", "[Image]"],
    ["image", { id: 1, caption: "My street" }, "image", "My street"],
    ["image", { caption: "My street" }, "unsupported", "[Unsupported message: image]"],
    ["video", { id: "1", filename: "a.mp4" }, "video", "[Video: a.mp4]"],
    ["audio", { id: "1" }, "audio", "[Audio]"],
    ["audio", { id: "1", voice: true }, "voice", "[Voice message]"],
    ["audio", { id: "1", voice: "true" }, "audio", "[Audio]"],
    ["voice", { id: "1" }, "voice", "[Voice message]"],
    ["document", { id: "1", filename: "a.pdf" }, "document", "[Document: a.pdf]"],
    ["sticker", { id: "1" }, "sticker", "[Sticker]"],
    ["button", { text: "Yes", payload: "p" }, "button", "Yes"],
    ["button", { text: "", payload: "p" }, "button", "p"],
    ["button", {}, "button", "[Button]"],
    ["reaction", { emoji: "👍" }, "reaction", "Reacted with 👍"],
    ["reaction", {}, "reaction", "[Reaction removed]"],
    ["system", {}, "system", "[Notice from WhatsApp]"],
    ["revoke", {}, "deletion", "[Deleted a message]"],
    ["edit", { message: { type: "text", text: { body: "New" } } }, "edit", "[Edited] New"],
    ["edit", {}, "unsupported", "[Unsupported message: edit]"],
    ["request_welcome", undefined, "welcome", "[Opened the chat]"],
    ["contacts", [], "unsupported", "[Unsupported message: contacts]"],
    ["contacts", [{}], "contacts", "Contact: without details"],
    ["order", {}, "order", "Order:"],
    ["location", { latitude: 1, longitude: 2 }, "location", "Location: 1, 2"],
    ["location", { latitude: 1 }, "unsupported", "[Unsupported message: location]"],
    ["location", { longitude: 1 }, "unsupported", "[Unsupported message: location]"],
    ["location", { latitude: "1", longitude: "2" }, "unsupported", "[Unsupported message: location]"],
    ["constructor", {}, "unsupported", "[Unsupported message: constructor]"],
  ])("%s %j is shown as %s: %s", (type, object, shownType, text) => {
    expect(shown(type, object)).toEqual([shownType, text]);
  });

  test.each<[object, string, string]>([
    [{ type: "button_reply", button_reply: { id: "1", title: "Yes" } }, "choice", "Yes"],
    [{ type: "list_reply", list_reply: { id: "1", title: "Roads" } }, "choice", "Roads"],
    [{ type: "list_reply", list_reply: { id: "1" } }, "choice", "[Choice]"],
    [{ type: "nfm_reply", nfm_reply: {} }, "form", "[Form]"],
    [
      { type: "call_permission_reply", call_permission_reply: {} },
      "call_permission",
      "Permission to call: unknown",
    ],
    [{ type: "button_reply" }, "unsupported", "[Unsupported message: interactive]"],
    [{ type: "new_reply", new_reply: { title: "x" } }, "unsupported", "[Unsupported message: interactive]"],
    [{}, "unsupported", "[Unsupported message: interactive]"],
  ])("an interactive %j is a %s: %s", (object, type, text) => {
    expect(shown("interactive", object)).toEqual([type, text]);
  });

  test("a message without any type is kept whole", () => {
    expect(contentOf({ id: "1" })).toEqual({
      type: "unsupported",
      text: "[Unsupported message]",
      content: { id: "1" },
    });
  });
});

test.each([
  ["a\u0007b.pdf", "ab.pdf"],
  [" a b.pdf ", "a b.pdf"],
  ["../../etc/passwd", "passwd"],
  ["C:\\files\\a.pdf", "a.pdf"],
  ["a..pdf", "a..pdf"],
  [".pdf", ".pdf"],
  ["..", undefined],
  ["folder/", undefined],
  ["\u0000", undefined],
  [7, undefined],
])("a file called %j goes by the name %j", (filename, name) => {
  const { media, text } = of("document", { id: "1", filename });
  expect(media?.fileName).toBe(name);
  expect(media && "fileName" in media).toBe(name !== undefined);
  expect(text).toBe(name === undefined ? "[Document]" : `[Document: ${name}]`);
});

test("a file is told with all that is known of it and nothing that is not", () => {
  expect(of("image", { id: "1" }).media).toEqual({ id: "1", mimeType: "application/octet-stream" });
  const told = {
    id: "1",
    mime_type: "image/png",
    sha256: "h",
    filename: "a.png",
    url: "https://m.example/1",
  };
  expect(of("image", told)).toEqual({
    type: "image",
    text: "[Image: a.png]",
    media: { id: "1", mimeType: "image/png", sha256: "h", fileName: "a.png", url: "https://m.example/1" },
    content: told,
  });
});

test("a place has its name and address where they are given", () => {
  const place = { latitude: 0, longitude: -0.5 };
  expect(of("location", place)).toEqual({
    type: "location",
    text: "Location: 0, -0.5",
    location: place,
    content: place,
  });
  const named = { ...place, name: "City hall", address: "1 Square" };
  expect(of("location", named)).toMatchObject({
    text: "Location: City hall, 1 Square (0, -0.5)",
    location: named,
  });
  expect(of("location", { ...place, name: " " }).location).toEqual(place);
});

test("what is about another message says about which", () => {
  expect(of("reaction", { emoji: "👍", message_id: "wamid.1" }).refersTo).toBe("wamid.1");
  expect(of("revoke", { original_message_id: "wamid.2" }).refersTo).toBe("wamid.2");
  expect(of("reaction", { emoji: "👍" })).not.toHaveProperty("refersTo");
  const image = { type: "image", image: { id: "1", caption: "New" } };
  const edit = { original_message_id: "wamid.3", message: image };
  expect(of("edit", edit)).toEqual({
    type: "edit",
    text: "[Edited] New",
    media: { id: "1", mimeType: "application/octet-stream" },
    content: edit,
    refersTo: "wamid.3",
  });
  const place = { type: "location", location: { latitude: 1, longitude: 2 } };
  expect(of("edit", { message: place })).toMatchObject({ location: { latitude: 1, longitude: 2 } });
});

test("a form's answers come as fields and as lines", () => {
  const form = (response_json: unknown, more: object = {}) =>
    of("interactive", { type: "nfm_reply", nfm_reply: { response_json, ...more } });
  const answers = { name: "A", days: ["Mo", 2, { x: 1 }], nothing: null, deep: { x: 1 } };
  expect(form(JSON.stringify({ flow_token: "t", ...answers }))).toMatchObject({
    text: "name: A\ndays: Mo, 2, …\nnothing: null\ndeep: …",
    answers,
  });
  for (const unread of ['{"flow_token":"t"}', "[1]", "7", "not JSON", undefined]) {
    expect(form(unread, { body: "Sent" })).not.toHaveProperty("answers");
    expect(form(unread, { body: "Sent" }).text).toBe("Sent");
  }
  expect(form("not JSON").text).toBe("not JSON");
  expect(form({ name: "A" }).answers).toEqual({ name: "A" });
});
