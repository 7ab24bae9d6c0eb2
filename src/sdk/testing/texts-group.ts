import assert from "node:assert/strict";
import { say } from "./comments-group.ts";
import type { Group } from "./group.ts";

const texts: Record<string, string> = {
  "emoji and joined emoji": "👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 done",
  "right-to-left beside figures": "מספר 12345 — الطابق 3، شقة ٥ (left) \u200fend",
  "combining marks": "Z\u0351\u036b\u0343a\u0335lgo हिन्दी e\u0301 é",
  "what looks like markup": "<b>bold</b> &amp; <script>alert(1)</script> {{name}} $x %s",
  quotes: `it's "quoted" \\ back\\slash 'CF.{x}' = 1`,
  "lines and leading blanks": "first\n\n  second\n> quoted\n-- \nnot a signature",
  "Windows line ends": "first\r\nsecond\r\n",
  "NUL and other control characters": "before\u0000after \u0007bell",
  "64 KB": "Ω0123456789abcde".repeat(4090),
};

export const textsGroup: Group = {
  define({ test }) {
    for (const [name, text] of Object.entries(texts)) {
      test(`P28: a text arrives whole: ${name}`, async (bench) => {
        const marker = `text ${bench.unique()}`;
        const body = `${marker}\n${text}`;
        const seen = await say(bench, marker, { body });
        assert.equal(normal(seen?.body ?? "(no such comment)"), normal(body));
      });
    }
    test("P28: a subject in any script arrives whole", async (bench) => {
      const subject = "  Łódź: 🔔 קומה 3 <b>&</b>\nsecond line ";
      const request = await bench.newTicket({ subject });
      await bench.connector.createTicket(request);
      const [ticket] = await bench.harness.ticketsOf(request.externalId);
      const oneLine = (text: string) => text.trim().replace(/\s+/g, " ");
      assert.equal(oneLine(ticket?.subject ?? ""), oneLine(subject));
    });
  },
};

/** A helpdesk may drop control characters and blanks at the ends, and has line ends of its own. Nothing else. */
function normal(text: string): string {
  return (
    text
      .replace(/\r\n?/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "")
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n")
      .trim()
  );
}
