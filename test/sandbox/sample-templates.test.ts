import { expect, test } from "vitest";
import { sampleTemplates } from "../../src/sandbox/graph/sample-templates.ts";

test("the emulator starts with three approved templates in English, of one body each", () => {
  const body = (text: string) => [{ type: "BODY", text }];
  const rest = { language: "en", status: "APPROVED", category: "UTILITY", parameter_format: "POSITIONAL" };
  expect(sampleTemplates).toEqual([
    {
      name: "ticket_solved",
      ...rest,
      components: body(
        "Your request {{1}} (number {{2}}) is solved. Write to us here if anything is left to do.",
      ),
    },
    {
      name: "ticket_waiting",
      ...rest,
      components: body(
        "We need an answer from you on your request {{1}} (number {{2}}). Please write to us here.",
      ),
    },
    {
      name: "staff_reply",
      ...rest,
      components: body("There is an answer to your request: {{1}} Please write to us here to go on."),
    },
  ]);
});
