import type { GraphTemplate, TemplateComponent } from "./settings.ts";

/** Approved templates that the emulator starts with when it is given none: those that
 * mappings/sandbox names. */
export const sampleTemplates: GraphTemplate[] = [
  utility(
    "ticket_solved",
    "Your request {{1}} (number {{2}}) is solved. Write to us here if anything is left to do.",
  ),
  utility(
    "ticket_waiting",
    "We need an answer from you on your request {{1}} (number {{2}}). Please write to us here.",
  ),
  utility("staff_reply", "There is an answer to your request: {{1}} Please write to us here to go on."),
];

function utility(name: string, text: string): GraphTemplate {
  const components: TemplateComponent[] = [{ type: "BODY", text }];
  return {
    name,
    language: "en",
    status: "APPROVED",
    category: "UTILITY",
    parameter_format: "POSITIONAL",
    components,
  };
}
