import type { GraphTemplate, TemplateComponent } from "./settings.ts";

/** Approved templates that the emulator starts with when it is given none: enough for the demo and for trying out. */
export const sampleTemplates: GraphTemplate[] = [
  utility("ticket_in_progress", "en", "Hello {{1}}, we have started to work on your report {{2}}."),
  utility(
    "ticket_waiting",
    "en",
    "Hello {{1}}, we need something from you for report {{2}}. Please reply here.",
  ),
  utility("ticket_solved", "en", "Hello {{1}}, your report {{2}} has been solved. Thank you for telling us."),
  utility("ticket_closed", "en", "Hello {{1}}, your report {{2}} is now closed."),
  utility("staff_reply", "en", "Hello {{1}}, there is an answer to your report: {{2}} Reply here to go on."),
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
