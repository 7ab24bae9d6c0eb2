import { describe, expect, test } from "vitest";
import { parse } from "../../src/channels/twilio/parse.ts";
import { aroundOf } from "./around.ts";

const SID = `SM${"e".repeat(32)}`;
const receivedAt = "2026-11-18T11:06:40.000Z";
const base = {
  MessageSid: SID,
  SmsStatus: "received",
  From: "whatsapp:+447700900123",
  To: "whatsapp:+442079460100",
};

type Form = Record<string, string | undefined>;

function read(form: Form, query: Record<string, string> = {}) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) if (value !== undefined) given.append(name, value);
  return parse(Buffer.from(given.toString()), { query, receivedAt });
}

function events(form: Form, query?: Record<string, string>) {
  return read({ ...base, ...form }, query).events;
}

function messages(form: Form) {
  return events(form).flatMap((event) => (event.type === "message.received" ? [event] : []));
}

function shown(form: Form) {
  return messages(form).map(({ message: { type, text } }) => [type, text]);
}

test("a plain text holds what was told, and the form itself", () => {
  expect(events({ Body: "Hello" })).toEqual([
    {
      type: "message.received",
      id: SID,
      at: receivedAt,
      accountId: "+442079460100",
      person: { phone: "+447700900123" },
      message: {
        id: SID,
        sentAt: receivedAt,
        type: "text",
        text: "Hello",
        content: { ...base, Body: "Hello" },
      },
    },
  ]);
});

test("without a word of its arrival a body is read all the same", () => {
  const body = Buffer.from(new URLSearchParams({ ...base, Body: "Hello" }).toString());
  expect(parse(body).events[0]).toMatchObject({ id: SID, at: "1970-01-01T00:00:00.000Z" });
});

describe("what is no message and no receipt is kept with the reason", () => {
  test.each<[Form, string]>([
    [{ MessageSid: undefined }, "neither a message nor a status"],
    [{ MessageSid: "sm1" }, "neither a message nor a status"],
    [{ MessageSid: "SM" }, "neither a message nor a status"],
    [{ MessageSid: `SM${"1".repeat(65)}` }, "neither a message nor a status"],
    [{ MessageSid: " SM1" }, "neither a message nor a status"],
    [{ To: "+442079460100" }, "not on a WhatsApp number"],
    [{ To: "whatsapp:" }, "not on a WhatsApp number"],
    [{ To: undefined }, "not on a WhatsApp number"],
    [{ EventType: "typing" }, "news of another kind: typing"],
    [{ EventType: "+44 7700 900123" }, "news of another kind: unreadable"],
    [{ From: "whatsapp:" }, "message without a sender"],
    [{ SmsStatus: "melted" }, "not on a WhatsApp number"],
    [{ MessageStatus: "melted", From: "whatsapp:+442079460100" }, "unknown status: melted"],
    [{ MessageStatus: "+44 7", From: "whatsapp:+442079460100" }, "unknown status: unreadable"],
  ])("%j: %s", (more, reason) => {
    const form = { ...base, ...more };
    // A status of a message of ours comes from our number.
    const { events: none, quarantined } = read("SmsStatus" in more ? { ...form, From: undefined } : form);
    expect(none).toEqual([]);
    expect(quarantined).toMatchObject([{ reason }]);
  });

  test("with the account where it is known, and the whole form", () => {
    expect(read({ ...base, EventType: "typing" }).quarantined).toEqual([
      {
        reason: "news of another kind: typing",
        accountId: "+442079460100",
        payload: { ...base, EventType: "typing" },
      },
    ]);
    expect(read({}).quarantined).toEqual([{ reason: "neither a message nor a status", payload: {} }]);
  });

  test("but a text of any kind of event is a text, and an older id is an id", () => {
    expect(shown({ EventType: "new", Body: "Hello" })).toEqual([["text", "Hello"]]);
    expect(messages({ MessageSid: undefined, SmsSid: "SM1", Body: "x" })[0]?.id).toBe("SM1");
    expect(messages({ SmsStatus: "receiving", Body: "x" })).toHaveLength(1);
    expect(messages({ SmsStatus: undefined, Body: "x" })).toHaveLength(1);
  });
});

describe("the person", () => {
  const person = (form: Form) => messages({ Body: "x", ...form })[0]?.person;

  test.each<[Form, object]>([
    [{ From: "whatsapp: +447700900123 " }, { phone: "+447700900123" }],
    [{ From: "whatsapp: GB.1234567890 " }, { userId: "GB.1234567890" }],
    [{ From: "whatsapp:GB.1234567890" }, { userId: "GB.1234567890" }],
    [{ From: undefined, WaId: "447700900124" }, { phone: "+447700900124" }],
    [{ WaId: "447700900124" }, { phone: "+447700900123" }],
    [{ ExternalUserId: "GB.1234567890" }, { phone: "+447700900123", userId: "GB.1234567890" }],
    [{ ExternalUserId: "whatsapp:GB.1234567890" }, { phone: "+447700900123", userId: "GB.1234567890" }],
    [{ ProfileName: " Ada " }, { phone: "+447700900123", name: "Ada" }],
    [{ ProfileName: " " }, { phone: "+447700900123" }],
  ])("of %j is %j", (form, expected) => {
    expect(person(form)).toEqual(expected);
  });
});

describe("what a message shows", () => {
  test.each<[Form, string, string]>([
    [{ Body: " " }, "unsupported", "[Unsupported message]"],
    [{ MessageType: "poll" }, "unsupported", "[Unsupported message: poll]"],
    [{ MessageType: "unsupported" }, "unsupported", "[Unsupported message]"],
    [{ MessageType: "call +44" }, "unsupported", "[Unsupported message]"],
    [{ MessageType: "a".repeat(41) }, "unsupported", "[Unsupported message]"],
    [{ MessageType: "button", ButtonText: "Yes", ButtonPayload: "y" }, "button", "Yes"],
    [{ MessageType: "button", ButtonPayload: "y" }, "button", "y"],
    [{ MessageType: "interactive", ListTitle: "Roads", ListId: "r" }, "choice", "Roads"],
    [{ ListId: "r", Body: "ignored" }, "choice", "r"],
    [{ Latitude: "1.5", Longitude: "-2" }, "location", "Location: 1.5, -2"],
    [{ Latitude: "1.5", Body: "x" }, "text", "x"],
    [{ Longitude: "1.5", Body: "x" }, "text", "x"],
    [{ Latitude: "north", Longitude: "1", Body: "x" }, "text", "x"],
    [{ InteractiveData: '{"name":"Ada"}' }, "form", "name: Ada"],
    [{ InteractiveData: "odd", Body: "Sent" }, "form", "Sent"],
  ])("%j is a %s: %s", (form, type, text) => {
    expect(shown(form)).toEqual([[type, text]]);
  });

  test("a place keeps its name and address, a form its answers", () => {
    const place = messages({ Latitude: "1", Longitude: "2", Label: " Hall ", Address: "1 Square" })[0];
    expect(place?.message.location).toEqual({ latitude: 1, longitude: 2, name: "Hall", address: "1 Square" });
    const bare = messages({ Latitude: "1", Longitude: "2", Label: " " })[0];
    expect(bare?.message.location).toEqual({ latitude: 1, longitude: 2 });
    expect(messages({ InteractiveData: '{"name":"Ada"}' })[0]?.message.answers).toEqual({ name: "Ada" });
    expect(messages({ InteractiveData: "odd" })[0]?.message).not.toHaveProperty("answers");
  });

  const file = (id: string) => `https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/${id}`;

  test.each([
    ["image/jpeg", "image", "[Image]"],
    ["image/webp", "sticker", "[Sticker]"],
    ["video/mp4", "video", "[Video]"],
    ["audio/ogg", "audio", "[Audio]"],
    ["text/vcard", "contacts", "[Contact card]"],
    ["text/x-vcard", "contacts", "[Contact card]"],
    ["text/plain", "document", "[Document]"],
    ["", "document", "[Document]"],
  ])("a file of the type %j is a %s", (mimeType, type, text) => {
    const [event, ...others] = messages({ MediaUrl0: file("ME1"), MediaContentType0: mimeType });
    expect(others).toEqual([]);
    expect(event?.message).toMatchObject({
      type,
      text,
      media: { id: "MM1/ME1", mimeType: mimeType || "application/octet-stream", url: file("ME1") },
    });
  });

  test("several files are messages of their own, of which the first has the text", () => {
    const all = {
      MediaUrl0: file("ME1"),
      MediaUrl1: file("ME2"),
      MediaContentType0: "image/png",
      Body: " Two ",
    };
    const found = messages(all).map(({ id, message }) => [id, message.id, message.text, message.media?.id]);
    expect(found).toEqual([
      [SID, SID, " Two ", "MM1/ME1"],
      [`${SID}/1`, `${SID}/1`, "[Document]", "MM1/ME2"],
    ]);
  });

  test.each(["not an address", file("ME1?x=1").replace("?x=1", "/more"), file("XE1"), file("")])(
    "a file at %s is none",
    (url) => {
      expect(shown({ MediaUrl0: url, Body: "Hello" })).toEqual([["text", "Hello"]]);
    },
  );

  test.each<[Form, object]>([
    [{ OriginalRepliedMessageSid: "SM0" }, { refersTo: "SM0" }],
    [{ Forwarded: "true" }, { forwarded: true }],
    [{ FrequentlyForwarded: "true" }, { forwarded: true }],
    [{ Forwarded: "false", FrequentlyForwarded: "false" }, {}],
    [{ ReferralNumMedia: "0", ReferralBody: "" }, {}],
    [
      { ReferralNumMedia: "0", ReferralBody: "Ad", ReferralNumMediaMore: "1" },
      { referral: { ReferralBody: "Ad", ReferralNumMediaMore: "1" } },
    ],
    [{ MyReferral: "x" }, {}],
  ])("what stands around it, %j, is kept as %j", (form, kept) => {
    const [event] = messages({ Body: "x", ...form });
    expect(event && aroundOf(event.message)).toEqual(kept);
  });
});

describe("receipts", () => {
  const ours = { From: "whatsapp:+442079460100", To: "whatsapp:+447700900123", SmsStatus: undefined };
  const receipt = (form: Form, query?: Record<string, string>) => events({ ...ours, ...form }, query);

  test.each([
    ["sent", "sent"],
    ["delivered", "delivered"],
    ["read", "read"],
    ["failed", "failed"],
    ["undelivered", "failed"],
    ["canceled", "failed"],
  ])("Twilio's %s is %s", (MessageStatus, state) => {
    expect(receipt({ MessageStatus })).toEqual([
      {
        type: "receipt.updated",
        id: `${SID}/${state}`,
        at: receivedAt,
        accountId: "+442079460100",
        person: { phone: "+447700900123" },
        receipt: { messageId: SID, state },
      },
    ]);
  });

  test.each(["accepted", "scheduled", "queued", "sending"])("%s is no news", (MessageStatus) => {
    expect(read({ ...base, ...ours, MessageStatus })).toEqual({ events: [], quarantined: [] });
  });

  test("our data comes back by the address, the reason by its code in our words", () => {
    const [event] = receipt(
      { MessageStatus: "failed", ErrorCode: "63016", ErrorMessage: "", ChannelStatusMessage: "Window" },
      { intent: "i-1" },
    );
    const errors = [{ code: 63016, title: "the 24 hours for a free answer are over", details: "Window" }];
    expect(event).toMatchObject({ receipt: { callbackData: "i-1", errors } });
    const [plain] = receipt({ MessageStatus: "failed", ErrorCode: "63016" });
    expect(plain).not.toHaveProperty("receipt.errors.0.details");
    for (const ErrorCode of ["", "many", "1.5"]) {
      expect(receipt({ MessageStatus: "failed", ErrorCode })[0]).not.toHaveProperty("receipt.errors");
    }
  });

  test("to nobody that can be read are receipts all the same, and never of the sender's name", () => {
    expect(receipt({ MessageStatus: "read", To: "whatsapp:" })[0]).toMatchObject({ person: {} });
    const more = { ProfileName: "Ada", WaId: "447700900125", ExternalUserId: "GB.1234567890" };
    expect(receipt({ MessageStatus: "read", ...more })[0]).toMatchObject({
      person: { phone: "+447700900123" },
    });
    expect(receipt({ MessageStatus: "read", ...more })[0]).not.toHaveProperty("person.name");
    expect(receipt({ MessageStatus: "read", ...more })[0]).not.toHaveProperty("person.userId");
  });
});
