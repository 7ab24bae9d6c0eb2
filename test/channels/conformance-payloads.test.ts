import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import dialog360 from "../../src/channels/dialog360/index.ts";
import twilio from "../../src/channels/twilio/index.ts";
import type { Arrival, ParsedPayload } from "../../src/sdk/index.ts";

interface Situation {
  name: string;
  payload: unknown;
  form: Record<string, string>;
  query?: Record<string, string>;
  expected: ParsedPayload;
}

function situationsOf(provider: string): Situation[] {
  const folder = new URL(`../payloads/${provider}/`, import.meta.url);
  return readdirSync(folder).map(
    (file): Situation => JSON.parse(readFileSync(new URL(file, folder), "utf8")),
  );
}

const receivedAt = "2026-11-18T11:06:40.000Z";

function parseForm({ form, query = {} }: Pick<Situation, "form" | "query">): ParsedPayload {
  const arrival: Arrival = { query, receivedAt };
  return twilio.parse(Buffer.from(new URLSearchParams(form).toString()), arrival);
}

describe("each recorded situation", () => {
  test.each(situationsOf("twilio"))("of Twilio: $name", (situation) => {
    expect(parseForm(situation)).toEqual(situation.expected);
    expect(parseForm(situation)).toEqual(situation.expected);
  });

  test.each(situationsOf("dialog360"))("of 360dialog: $name", ({ payload, expected }) => {
    expect(dialog360.parse(Buffer.from(JSON.stringify(payload)))).toEqual(expected);
  });
});

test("P28: no text or name carries a NUL or half a character", () => {
  const body = Buffer.from(
    "MessageSid=SM1&SmsStatus=received&From=whatsapp%3A%2B447700900123&To=whatsapp%3A%2B442079460100&Body=a%00b%ED%A0%80",
  );
  const [event] = twilio.parse(body).events;
  const text = event?.type === "message.received" ? event.message.text : "";
  expect([text.startsWith("ab"), text.includes("\0"), text.isWellFormed()]).toEqual([true, false, true]);
});

test("a recorded body without its arrival has the time of 1970", () => {
  const [situation] = situationsOf("twilio").filter(({ expected }) => expected.events.length > 0);
  const { events } = twilio.parse(Buffer.from(new URLSearchParams(situation?.form).toString()));
  expect(events[0]?.at).toBe("1970-01-01T00:00:00.000Z");
});
