import { expect, test } from "vitest";
import { junitReport } from "../../src/mapping/junit.ts";

test("a report has a suite for each file, with its counts, and a failure with its text", () => {
  const xml = junitReport([
    { file: "m/contact.test.json", name: "a" },
    { file: "m/contact.test.json", name: `b <"&>`, failure: "name\n  expected \u0000" },
    { file: "m/ticket.test.json", name: "c" },
  ]);
  expect(xml).toMatch(
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites tests="3" failures="1" errors="0" skipped="0">/,
  );
  expect(xml).toMatch(
    /<testsuite name="m\/contact\.test\.json" tests="2" failures="1" errors="0" skipped="0">/,
  );
  expect(xml).toMatch(/<testcase classname="m\/ticket\.test\.json" name="c" file="m\/ticket\.test\.json"\/>/);
  expect(xml).toContain(`name="b &lt;&quot;&amp;>"`);
  expect(xml).toMatch(/<failure message="name"><!\[CDATA\[name\n {2}expected \uFFFD\]\]><\/failure>/);
  expect(xml.match(/<testcase/g)).toHaveLength(3);
});
