import { describe, expect, it } from "vitest";
import twilio from "../../src/channels/twilio/index.ts";
import { renderMessage } from "../../src/channels/twilio/send.ts";
import { createHttpClient, type Outbound, PluginError } from "../../src/sdk/index.ts";
import { ACCOUNT, AUTH_TOKEN, PUBLIC_URL } from "./providers.ts";

const config = twilio.config.parse({
  accountSid: ACCOUNT,
  authTokens: [AUTH_TOKEN],
  number: "+442079460100",
  publicUrl: PUBLIC_URL,
});

function fieldsOf(outbound: Outbound): Record<string, string> {
  return renderMessage(config, { to: { phone: "+447700900123" }, outbound, callbackData: "intent-1" });
}

const photo = {
  type: "image" as const,
  mimeType: "image/jpeg",
  source: { link: "https://example.org/a.jpg" },
};
const media = (more: object = {}): Outbound => ({ kind: "media", media: { ...photo, ...more } });

describe("a file by Twilio", () => {
  it("goes by its address, with the caption as the text", () => {
    expect(fieldsOf(media({ caption: "Look" }))).toMatchObject({
      To: "whatsapp:+447700900123",
      MediaUrl: "https://example.org/a.jpg",
      Body: "Look",
    });
    expect(fieldsOf(media())).not.toHaveProperty("Body");
    expect(fieldsOf(media({ type: "document", mimeType: "application/pdf" }))).toHaveProperty("MediaUrl");
  });

  it.each([
    ["a file of ours", { source: { path: "/tmp/a.jpg" } }, "Twilio takes files by their address only"],
    [
      "a type that Twilio does not take",
      { type: "document", mimeType: "text/plain" },
      "Twilio takes no file of this type",
    ],
    ["an image as a document", { type: "document" }, "Twilio takes no file of this type as document"],
    ["no address", { source: { link: "a.jpg" } }, "the file's address is none"],
    [
      "a caption of a document",
      { type: "document", mimeType: "application/pdf", caption: "x" },
      "a document has no caption at Twilio",
    ],
    [
      "a caption of an audio",
      { type: "audio", mimeType: "audio/ogg", caption: "x" },
      "a file sent as audio has no caption",
    ],
  ])("is refused with %s", (_name, more, says) => {
    expect(() => fieldsOf(media(more))).toThrow(says);
  });
});

describe("what Twilio cannot send is refused clearly", () => {
  it.each<[Outbound, string]>([
    [{ kind: "reaction", messageId: "SM1", emoji: "👍" }, "a reaction cannot be sent by Twilio"],
    [
      { kind: "interactive", interactive: { type: "location_request", text: "Where?" } },
      "a question with answers to tap cannot be sent by Twilio",
    ],
    [
      {
        kind: "template",
        template: {
          name: "a",
          language: "en",
          headerMedia: { type: "image", link: "https://example.org/a" },
        },
      },
      "a template's file is part of the content at Twilio",
    ],
  ])("%j", (outbound, says) => {
    let error: unknown;
    try {
      fieldsOf(outbound);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ kind: "rejected", operatorMessage: expect.stringContaining(says) });
  });

  it("and is not declared", () => {
    const clock = { now: () => 0 };
    const log = { debug() {}, info() {}, warn() {} };
    const channel = twilio.create(config, {
      http: (options) => createHttpClient(options, clock),
      log,
      clock,
    });
    expect([...(channel.sends ?? [])]).toEqual(["media_link"]);
    expect(channel.markRead).toBeUndefined();
    expect(channel.mediaLimit?.("image/png")).toEqual({ type: "image", maxBytes: 5_242_880 });
    expect(channel.mediaLimit?.("text/plain")).toBeUndefined();
  });
});
