import type { GraphTemplate, TemplateComponent } from "./settings.ts";

/** Approved templates that the emulator starts with when it is given none: those that
 * mappings/sandbox names. */
export const sampleTemplates: GraphTemplate[] = [
  utility(
    "ticket_waiting",
    "en",
    "We need an answer from you on your request {{1}} (number {{2}}). Please write to us here.",
  ),
  utility(
    "ticket_solved",
    "en",
    "Your request {{1}} (number {{2}}) is solved. Write to us here if anything is left to do.",
  ),
  utility("staff_reply", "en", "Hello {{1}}, there is an answer to your request: {{2}} Reply here to go on."),
];

function utility(name: string, language: string, text: string): GraphTemplate {
  const components: TemplateComponent[] = [{ type: "BODY", text }];
  return {
    name,
    language,
    status: "APPROVED",
    category: "UTILITY",
    parameter_format: "POSITIONAL",
    components,
  };
}
