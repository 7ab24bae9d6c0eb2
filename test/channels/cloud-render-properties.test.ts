import fc from "fast-check";
import { expect, test } from "vitest";
import { renderMessage } from "../../src/channels/cloud-api/render.ts";
import { type Interactive, interactiveProblems, type Outbound, PluginError } from "../../src/sdk/index.ts";
import { requestProblems } from "../support/meta-spec.ts";

/** Texts around every limit, with halves of characters, emoji and nothing at all. */
const text = (around: number) =>
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.integer({ min: -1, max: 1 }).map((more) => "ä".repeat(around + more)),
    fc.constant("a\uD800b"),
  );
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;

const button = fc.record({ id: text(256), title: text(20) });
const row = fc.record({ id: text(200), title: text(24), description: maybe(text(72)) }).map(defined);
const section = fc.record({ title: maybe(text(24)), rows: fc.array(row, { maxLength: 11 }) }).map(defined);
const frame = { text: text(1024), header: maybe(text(60)), footer: maybe(text(60)) };

const question = fc
  .oneof(
    fc.record({ type: fc.constant("buttons"), ...frame, buttons: fc.array(button, { maxLength: 4 }) }),
    fc.record({
      type: fc.constant("list"),
      ...frame,
      text: text(4096),
      button: text(20),
      sections: fc.array(section, { maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant("link"),
      ...frame,
      label: text(20),
      url: fc.oneof(fc.webUrl(), fc.string()),
    }),
    fc.record({ type: fc.constantFrom("location_request", "contact_request"), text: text(1024) }),
  )
  .map((given) => defined(given) as Interactive);

const source = fc.oneof(
  fc.record({ path: fc.string() }),
  fc.record({ link: fc.oneof(fc.webUrl(), fc.string()) }),
);
const media = fc
  .record({
    type: fc.constantFrom("image", "video", "audio", "document", "sticker"),
    mimeType: fc.constantFrom(
      "image/png",
      "image/webp",
      "video/mp4",
      "audio/ogg; codecs=opus",
      "application/pdf",
      "a/b",
      "",
    ),
    source,
    fileName: maybe(fc.string({ unit: "binary" })),
    caption: maybe(text(1024)),
  })
  .map(defined);

const outbound = fc.oneof(
  question.map((interactive) => ({ kind: "interactive", interactive })),
  media.map((one) => ({ kind: "media", media: one })),
  fc.record({
    kind: fc.constant("reaction"),
    messageId: fc.string(),
    emoji: fc.oneof(fc.string({ unit: "grapheme", maxLength: 2 }), fc.constantFrom("✅", "")),
  }),
  fc.record({ kind: fc.constant("text"), text: text(4096) }),
) as fc.Arbitrary<Outbound>;

/** Kinds of question that Meta's description of v23.0 does not know. */
const newer = /"type":"(cta_url|location_request_message|request_contact_info)"/;

test("whatever is asked for is refused with a reason, or becomes a body that is right by Meta's description", () => {
  const seen = { refused: 0, rendered: 0 };
  fc.assert(
    fc.property(outbound, (given) => {
      let body: Record<string, unknown>;
      try {
        body = renderMessage(
          { to: { phone: "+447700900123" }, outbound: given, callbackData: "i" },
          "media-1",
        );
      } catch (error) {
        seen.refused += 1;
        expect(error).toBeInstanceOf(PluginError);
        expect(error).toMatchObject({ kind: "rejected" });
        return;
      }
      seen.rendered += 1;
      const json = JSON.stringify(body);
      expect(json.isWellFormed() && !/\\ud[89a-f]/.test(json)).toBe(true);
      // The description counts a list's text like any other; Meta's page of list messages says 4,096.
      const problems = requestProblems(body).filter(
        (problem) => !problem.startsWith("/interactive/body/text"),
      );
      if (!newer.test(json)) expect(problems).toEqual([]);
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.refused, seen.rendered)).toBeGreaterThan(300);
});

test("a question without problems is never refused, and one with problems always is", () => {
  fc.assert(
    fc.property(question, (interactive) => {
      const render = () =>
        renderMessage({
          to: { phone: "+447700900123" },
          outbound: { kind: "interactive", interactive },
          callbackData: "i",
        });
      if (interactiveProblems(interactive).length === 0) expect(render).not.toThrow();
      else expect(render).toThrow(PluginError);
    }),
    { numRuns: 2000 },
  );
});
