import { type Interactive, interactiveProblems } from "../../sdk/index.ts";
import { invalid } from "./refusal.ts";

/** The part of a message that asks something (whatsapp/messages/interactive-…). Throws for what WhatsApp would refuse. */
export function renderInteractive(interactive: Interactive): Record<string, unknown> {
  const problems = interactiveProblems(interactive);
  if (problems.length > 0) throw invalid(problems.join("; "));
  return {
    type: "interactive",
    interactive: wellFormed({ ...frameOf(interactive), ...actionOf(interactive) }),
  };
}

function frameOf(interactive: Interactive): Record<string, unknown> {
  const { header, footer } = "header" in interactive || "footer" in interactive ? interactive : {};
  return {
    ...(header === undefined ? {} : { header: { type: "text", text: header } }),
    body: { text: interactive.text },
    ...(footer === undefined ? {} : { footer: { text: footer } }),
  };
}

function actionOf(interactive: Interactive): { type: string; action: Record<string, unknown> } {
  switch (interactive.type) {
    case "buttons":
      return {
        type: "button",
        action: {
          buttons: interactive.buttons.map(({ id, title }) => ({ type: "reply", reply: { id, title } })),
        },
      };
    case "list":
      return { type: "list", action: { button: interactive.button, sections: interactive.sections } };
    case "link":
      return {
        type: "cta_url",
        action: { name: "cta_url", parameters: { display_text: interactive.label, url: interactive.url } },
      };
    case "location_request":
      return { type: "location_request_message", action: { name: "send_location" } };
    case "contact_request":
      return { type: "request_contact_info", action: { name: "request_contact_info" } };
  }
}

/** Half a surrogate pair anywhere would make Graph refuse the whole body. */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wellFormed(part)]));
}
