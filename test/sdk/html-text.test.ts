import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { htmlToText } from "../../src/sdk/html-text.ts";
import { textToHtml } from "../../src/sdk/text-html.ts";

const situations: [name: string, html: string, text: string][] = [
  ["paragraphs", "<p>Dear Ann,</p>\r\n\r\n<p>it is fixed.</p>\r\n", "Dear Ann,\n\nit is fixed."],
  ["line breaks", "one<br>two<br />\r\nthree", "one\ntwo\nthree"],
  ["an empty line by two breaks", "one<br><br>two", "one\n\ntwo"],
  [
    "divisions, as mail programs write lines",
    "<div>one</div><div>two</div><div><br></div><div>three</div>",
    "one\ntwo\n\nthree",
  ],
  ["emphasis", "<p>This is <strong>very</strong> <em>kind</em>.</p>", "This is very kind."],
  ["words that touch across tags", "<b>un</b>believable", "unbelievable"],
  [
    "a list of points",
    "<p>We need</p><ul><li>a photo</li><li><p>the address</p></li></ul><p>Thanks</p>",
    "We need\n\n- a photo\n- the address\n\nThanks",
  ],
  ["a numbered list", "<ol>\n<li>first</li>\n<li>second</li>\n</ol>", "1. first\n2. second"],
  [
    "a numbered list inside one of points, and what follows",
    "<p>a</p><ul><li>b<ol><li>c</li><li>d</li></ol></li><li>e</li></ul>f",
    "a\n\n- b\n  1. c\n  2. d\n- e\n\nf",
  ],
  ["two lists one after the other", "<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1. b"],
  ["a list below words of no paragraph", "a<ul><li>b</li></ul>c", "a\n\n- b\n\nc"],
  ["a list that begins the message", "<ul><li>a</li></ul>", "- a"],
  ["an item outside of any list", "a<li>b</li>c", "a\n- b\nc"],
  ["an end of a list that never began", "a</ul>b</li>c", "a\n\nb\nc"],
  ["an empty item", "<ul><li></li><li>b</li></ul>", "- b"],
  ["a heading", "<h1>Pump</h1>broken<h2>Since</h2>Monday", "Pump\n\nbroken\n\nSince\n\nMonday"],
  ["a rule between lines", "a<hr>b", "a\nb"],
  ["a title is not for reading", "<head><title>t</title></head><title>u</title>a", "a"],
  ["a link to a telephone", '<a href="tel:+4912">Call us</a>', "Call us (tel:+4912)"],
  [
    "a link that was opened twice",
    '<a href="https://a.example">x<a href="https://b.example">y</a>',
    "xy (https://b.example)",
  ],
  ["an anchor without an address", "<a name=x>here</a>", "here"],
  ["a list inside a list", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c"],
  [
    "a link with words",
    'See <a href="https://example.org/?a=1&amp;b=2">our page</a>.',
    "See our page (https://example.org/?a=1&b=2).",
  ],
  [
    "a link that shows its address",
    '<a href="https://example.org/x">https://example.org/x</a>',
    "https://example.org/x",
  ],
  ["a link on a picture", '<a href="https://example.org"><img src="x.png"></a>', "https://example.org"],
  ["an address to write to", '<a href="mailto:help@example.org">help@example.org</a>', "help@example.org"],
  ["a link that would run a script", '<a href="javascript:alert(1)">click</a>', "click"],
  ["a picture with a description", '<p>Here: <img alt="a lamp" src="cid:1"></p>', "Here: a lamp"],
  [
    "a table",
    "<table><tr><th>Day</th><th>Time</th></tr><tr><td>Mon</td><td>9&ndash;12</td></tr></table>",
    "Day Time\nMon 9–12",
  ],
  [
    "named characters",
    "<p>Zo&euml; &amp; Ren&eacute;e &lt;3 &pound;5&nbsp;&hellip; &alpha;&Omega;</p>",
    "Zoë & Renée <3 £5 … αΩ",
  ],
  ["numbered characters", "&#8364;5 &#x1F44D; &#0; &#xD800; &#99999999;", "€5 👍 \ufffd \ufffd &#99999999;"],
  ["what only looks like a character", "AT&T &unknown; R&D; &", "AT&T &unknown; R&D; &"],
  [
    "scripts, styles and comments",
    "<style>p{}</style><!-- <p>no</p> --><p>yes</p><script>if (a<b) x()</script>",
    "yes",
  ],
  ["a script that never ends", "yes<script>no no", "yes"],
  ["signs that are no tags", "3 < 4 and 5 > 4, i<3 u", "3 < 4 and 5 > 4, i<3 u"],
  ["right-to-left text", "<p dir='rtl'>مرحبا <b>آن</b></p>", "مرحبا آن"],
  [
    "a quotation",
    "<p>Yes.</p><blockquote>Will you come?</blockquote><p>Ann</p>",
    "Yes.\n\nWill you come?\n\nAnn",
  ],
];

describe("text of an agent's HTML", () => {
  it.each(situations)("P29: %s", (_, html, text) => expect(htmlToText(html)).toBe(text));

  it("P29: shows no tag of a well-formed page, and every word", () => {
    const word = fc.stringMatching(/^[a-zé]{1,8}$/);
    const tag = fc.constantFrom("p", "div", "b", "em", "span", "li", "h2", "td", "blockquote");
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, word), { maxLength: 30 }), (pieces) => {
        const text = htmlToText(pieces.map(([name, content]) => `<${name}>${content}</${name}> `).join(""));
        expect(text).not.toMatch(/[<>]/);
        expect(text.split(/[\s-]+/).filter(Boolean)).toEqual(pieces.map(([, content]) => content));
      }),
    );
  });

  it("takes any text in, in a time that grows with its length only", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "<!--",
      "-->",
      "<a ",
      "href=",
      '"',
      "'",
      "<script>",
      "</",
      "&",
      ";",
      " ",
      "\n",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const text = htmlToText(pieces.join("").repeat(Math.ceil(200_000 / pieces.join("").length)));
        expect(typeof text).toBe("string");
      }),
      { numRuns: 60, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: true },
    );
  });
});

describe("HTML of a plain text", () => {
  it("P28: shows markup as text, line ends and blanks", () => {
    expect(textToHtml("  a <b>&amp;</b>  'x' \"y\"\r\n\nend ")).toBe(
      "&nbsp; a &lt;b&gt;&amp;amp;&lt;/b&gt;&nbsp; &#39;x&#39; &quot;y&quot;<br><br>end&nbsp;",
    );
  });

  it("P28: no text makes a tag other than the ends of its lines, and every word comes back", () => {
    const oneLine = fc
      .string({ unit: "grapheme", maxLength: 40 })
      .map((line) => line.replace(/\s+/g, " ").trim());
    fc.assert(
      fc.property(fc.array(oneLine, { minLength: 1, maxLength: 5 }), (lines) => {
        const html = textToHtml(lines.join("\n"));
        expect(html.replaceAll("<br>", "")).not.toMatch(/[<>"']/);
        expect(htmlToText(html).replaceAll("\u00a0", " ")).toBe(lines.join("\n").trim());
      }),
    );
  });
});
