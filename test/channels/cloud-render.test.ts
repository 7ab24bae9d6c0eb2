import { describe, expect, it } from "vitest";
import { renderMessage } from "../../src/channels/cloud-api/render.ts";
import { type Interactive, type Outbound, PluginError, type TemplateMessage } from "../../src/sdk/index.ts";
import { requestExamples, requestProblems } from "../support/meta-spec.ts";

const ANA = { phone: "+447700900123", userId: "GB.10000000000000001" };

function render(
  outbound: Outbound,
  to = ANA as { phone?: string; userId?: string },
): Record<string, unknown> {
  return renderMessage({ to, outbound, callbackData: "intent-1" }, "media-1");
}

function refusal(outbound: Outbound): PluginError {
  try {
    render(outbound);
  } catch (error) {
    if (error instanceof PluginError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

const file = (
  type: "image" | "video" | "audio" | "document" | "sticker",
  mimeType: string,
  more: object = {},
): Outbound => ({
  kind: "media",
  media: { type, mimeType, source: { path: "/tmp/file" }, ...more },
});
const link = { source: { link: "https://example.org/file" } };
const ask = (interactive: Interactive): Outbound => ({ kind: "interactive", interactive });
const template = (more: Partial<TemplateMessage>): Outbound => ({
  kind: "template",
  template: { name: "ticket_update", language: "en", ...more },
});
const react = (emoji: string, messageId = "wamid.IN1"): Outbound => ({ kind: "reaction", messageId, emoji });

const buttons: Interactive = {
  type: "buttons",
  text: "Is it solved?",
  buttons: [
    { id: "yes", title: "Yes" },
    { id: "no", title: "No" },
  ],
};
const list: Interactive = {
  type: "list",
  text: "What is it about?",
  header: "Your report",
  footer: "City of Example",
  button: "Choose",
  sections: ["A", "B"].map((title) => ({
    title,
    rows: [1, 2].map((n) => ({ id: `${title}${n}`, title: `Row ${n}`, description: "Holes" })),
  })),
};

/** What is sent, Meta's name of the same in its request examples where there is one, and what the person sees. */
const sent: [name: string, outbound: Outbound, example: string | undefined, content: object][] = [
  [
    "a text",
    { kind: "text", text: "Hello" },
    "Send Text Message",
    { text: { body: "Hello", preview_url: false } },
  ],
  ["an image by id", file("image", "image/jpeg"), "Send Image Message by ID", { image: { id: "media-1" } }],
  [
    "an image by link",
    file("image", "image/png", link),
    "Send Image Message by URL",
    { image: { link: "https://example.org/file" } },
  ],
  [
    "a video by id",
    file("video", "video/mp4", { caption: "Look" }),
    "Send Video Message by ID",
    { video: { id: "media-1", caption: "Look" } },
  ],
  [
    "a video by link",
    file("video", "video/3gpp", { ...link, caption: "Look" }),
    "Send Video Message by URL",
    { video: { link: "https://example.org/file", caption: "Look" } },
  ],
  [
    "an audio by id",
    file("audio", "audio/ogg; codecs=opus"),
    "Send Audio Message by ID",
    { audio: { id: "media-1" } },
  ],
  [
    "an audio by link",
    file("audio", "audio/mpeg", link),
    "Send Audio Message by URL",
    { audio: { link: "https://example.org/file" } },
  ],
  [
    "a document by id",
    file("document", "application/pdf", { caption: "Here", fileName: "permit.pdf" }),
    "Send Document Message by ID",
    { document: { id: "media-1", caption: "Here", filename: "permit.pdf" } },
  ],
  [
    "a document by link",
    file("document", "application/pdf", { ...link, caption: "Here" }),
    "Send Document Message by URL",
    { document: { link: "https://example.org/file", caption: "Here" } },
  ],
  [
    "a photo as a document",
    file("document", "image/jpeg", { fileName: "a.jpg" }),
    undefined,
    { document: { id: "media-1", filename: "a.jpg" } },
  ],
  [
    "a sticker by id",
    file("sticker", "image/webp"),
    "Send Sticker Message by ID",
    { sticker: { id: "media-1" } },
  ],
  [
    "a sticker by link",
    file("sticker", "image/webp", link),
    "Send Sticker Message by URL",
    { sticker: { link: "https://example.org/file" } },
  ],
  [
    "a reaction",
    react("👍🏽"),
    "Send Reply with Reaction Message",
    { reaction: { message_id: "wamid.IN1", emoji: "👍🏽" } },
  ],
  [
    "a reaction taken back",
    react(""),
    "Send Reply with Reaction Message",
    { reaction: { message_id: "wamid.IN1", emoji: "" } },
  ],
  [
    "buttons",
    ask(buttons),
    "Send Reply Button",
    {
      interactive: {
        type: "button",
        body: { text: "Is it solved?" },
        action: {
          buttons: [
            { type: "reply", reply: { id: "yes", title: "Yes" } },
            { type: "reply", reply: { id: "no", title: "No" } },
          ],
        },
      },
    },
  ],
  [
    "a list",
    ask(list),
    "Send List Message",
    {
      interactive: {
        type: "list",
        header: { type: "text", text: "Your report" },
        footer: { text: "City of Example" },
        action: { button: "Choose" },
      },
    },
  ],
  [
    "a link",
    ask({ type: "link", text: "Your report", label: "Open", url: "https://example.org/7" }),
    undefined,
    {
      interactive: {
        type: "cta_url",
        body: { text: "Your report" },
        action: { name: "cta_url", parameters: { display_text: "Open", url: "https://example.org/7" } },
      },
    },
  ],
  [
    "a request for the place",
    ask({ type: "location_request", text: "Where?" }),
    undefined,
    {
      interactive: {
        type: "location_request_message",
        body: { text: "Where?" },
        action: { name: "send_location" },
      },
    },
  ],
  [
    "a request for the number",
    ask({ type: "contact_request", text: "Which number?" }),
    undefined,
    {
      interactive: {
        type: "request_contact_info",
        body: { text: "Which number?" },
        action: { name: "request_contact_info" },
      },
    },
  ],
  [
    "a template without parameters",
    template({}),
    "Send Test Message",
    { template: { name: "ticket_update", language: { code: "en" } } },
  ],
  [
    "a template with a text and named parameters",
    template({ header: { ticket: "#7" }, body: { first_name: "Ana" } }),
    undefined,
    {
      template: {
        components: [
          { type: "header", parameters: [{ type: "text", parameter_name: "ticket", text: "#7" }] },
          { type: "body", parameters: [{ type: "text", parameter_name: "first_name", text: "Ana" }] },
        ],
      },
    },
  ],
  [
    "a template with an image and two quick replies",
    template({
      headerMedia: { type: "image", link: "https://example.org/a.png", fileName: "a.png" },
      body: ["Ana"],
      buttons: [
        { type: "quick_reply", index: 0, value: "YES" },
        { type: "quick_reply", index: 1, value: "NO" },
      ],
    }),
    undefined,
    {
      template: {
        components: [
          { type: "header", parameters: [{ type: "image", image: { link: "https://example.org/a.png" } }] },
          { type: "body", parameters: [{ type: "text", text: "Ana" }] },
          {
            type: "button",
            sub_type: "quick_reply",
            index: "0",
            parameters: [{ type: "payload", payload: "YES" }],
          },
          {
            type: "button",
            sub_type: "quick_reply",
            index: "1",
            parameters: [{ type: "payload", payload: "NO" }],
          },
        ],
      },
    },
  ],
  [
    "a template with a document, an address and a code",
    template({
      headerMedia: { type: "document", link: "https://example.org/a.pdf", fileName: "permit.pdf" },
      buttons: [
        { type: "url", index: 0, value: "7" },
        { type: "copy_code", index: 1, value: "CODE7" },
      ],
    }),
    undefined,
    {
      template: {
        components: [
          {
            type: "header",
            parameters: [
              { type: "document", document: { link: "https://example.org/a.pdf", filename: "permit.pdf" } },
            ],
          },
          { type: "button", sub_type: "url", index: "0", parameters: [{ type: "text", text: "7" }] },
          {
            type: "button",
            sub_type: "copy_code",
            index: "1",
            parameters: [{ type: "coupon_code", coupon_code: "CODE7" }],
          },
        ],
      },
    },
  ],
  [
    "a template with a video and a form",
    template({
      headerMedia: { type: "video", link: "https://example.org/a.mp4" },
      buttons: [{ type: "flow", index: 0, value: "token-1" }],
    }),
    undefined,
    {
      template: {
        components: [
          { type: "header", parameters: [{ type: "video", video: { link: "https://example.org/a.mp4" } }] },
          {
            type: "button",
            sub_type: "flow",
            index: "0",
            parameters: [{ type: "action", action: { flow_token: "token-1" } }],
          },
        ],
      },
    },
  ],
];

/** Kinds of question that came after Meta's description of v23.0 (whatsapp/messages/interactive-cta-url-messages and so on). */
const newerThanTheSpec = new Set(["cta_url", "location_request_message", "request_contact_info"]);

function specProblemsOf(body: Record<string, unknown>): string[] {
  const interactive = body["interactive"] as { type?: string } | undefined;
  if (!interactive?.type || !newerThanTheSpec.has(interactive.type)) return requestProblems(body);
  // The rest of it is held against the description all the same.
  const action = { buttons: [{ type: "reply", reply: { id: "a", title: "A" } }] };
  return requestProblems({ ...body, interactive: { ...interactive, type: "button", action } });
}

/** Names and kinds of values, without the values: `image.id:string`. */
function shapeOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => shapeOf(item, `${path}[]`)))].sort();
  if (typeof value !== "object" || value === null) return [`${path}:${typeof value}`];
  return Object.entries(value)
    .flatMap(([name, part]) => shapeOf(part, path === "" ? name : `${path}.${name}`))
    .sort();
}

/** Ours alone, or Meta's where the recommendation is not to rely on a default. */
const beside = new Set([
  "biz_opaque_callback_data:string",
  "recipient_type:string",
  "document.filename:string",
]);
const shape = (body: unknown) => shapeOf(body).filter((line) => !beside.has(line));

describe("a message to WhatsApp", () => {
  it.each(sent)("%s says what Meta's documentation says", (_name, outbound, _example, content) => {
    const body = render(outbound);
    expect(body).toMatchObject({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      to: "+447700900123",
      biz_opaque_callback_data: "intent-1",
      ...content,
    });
    expect(body).toHaveProperty(String(body["type"]));
  });

  it.each(sent)(
    "%s is right by Meta's own description, to a phone number and to a user id",
    (_name, outbound) => {
      expect(specProblemsOf(render(outbound))).toEqual([]);
      const byUserId = render(outbound, { userId: ANA.userId });
      expect(byUserId).toMatchObject({ recipient: ANA.userId });
      expect(byUserId).not.toHaveProperty("to");
      expect(specProblemsOf(byUserId)).toEqual([]);
    },
  );

  it.each(sent.filter(([, , example]) => example !== undefined))(
    "%s has the shape of Meta's request example",
    (_name, outbound, example = "") => {
      expect(requestExamples[example]).toBeDefined();
      expect(shape(render(outbound))).toEqual(shape(requestExamples[example]));
    },
  );

  it("keeps a file's type and its name apart from what could be read as something else", () => {
    const body = render(file("document", "application/pdf", { fileName: "../secret\u202e\nfile\uD800.pdf" }));
    expect(body).toMatchObject({
      document: { filename: ".._secret_file\uFFFD.pdf" },
    });
  });

  it("holds no half characters, which Graph would refuse", () => {
    const text = "a\uD800b";
    const bodies = [
      render(ask({ ...buttons, text, buttons: [{ id: text, title: text }] })),
      render(template({ header: text, body: [text], buttons: [{ type: "url", index: 0, value: text }] })),
      render(file("image", "image/png", { caption: text })),
    ];
    for (const body of bodies) expect(JSON.stringify(body)).not.toContain("\\ud800");
  });
});

describe("what WhatsApp would certainly refuse is refused before it is asked", () => {
  it.each<[string, Outbound, string]>([
    [
      "a file of a type that it does not take",
      file("document", "application/zip"),
      "WhatsApp takes no file of this type as document",
    ],
    ["a film as a picture", file("image", "video/mp4"), "WhatsApp takes no file of this type as image"],
    [
      "a caption that is too long",
      file("image", "image/png", { caption: "x".repeat(1025) }),
      "the caption has 1025 characters, 1024 are allowed",
    ],
    [
      "a caption of an audio",
      file("audio", "audio/ogg", { caption: "x" }),
      "a file sent as audio has no caption",
    ],
    [
      "a file at no address",
      file("image", "image/png", { source: { link: "file:///etc/passwd" } }),
      "the file's address is none",
    ],
    [
      "a header's file at no address",
      template({ headerMedia: { type: "image", link: "a.png" } }),
      "the file's address is none",
    ],
    [
      "a header twice",
      template({ header: "a", headerMedia: { type: "image", link: "https://example.org/a" } }),
      "a text or a file as its header",
    ],
    [
      "a question over the limits",
      ask({ ...buttons, text: "", buttons: [] }),
      "text is empty; there are 0 buttons: one to 3 are allowed",
    ],
    ["a reaction with a word", react("ok"), "a reaction is one emoji"],
    ["a reaction with two emoji", react("👍👍"), "a reaction is one emoji"],
    ["a reaction to nothing", react("👍", " "), "the message to react to has no id"],
  ])("%s", (_name, outbound, says) => {
    const error = refusal(outbound);
    expect(error.kind).toBe("rejected");
    expect(error.operatorMessage).toContain(says);
  });

  it.each(["👍🏽", "❤️", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "✅"])("but %s is one emoji", (emoji) => {
    expect(render(react(emoji))).toMatchObject({ reaction: { emoji } });
  });
});
