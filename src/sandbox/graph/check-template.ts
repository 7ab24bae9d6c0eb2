import { asList, asObject, asText, type Json } from "../read.ts";
import { checkMedia } from "./check-media.ts";
import type { Known } from "./check-message.ts";
import type { GraphError } from "./graph-error.ts";
import type { MediaKind } from "./media-kinds.ts";
import type { GraphTemplate, TemplateComponent } from "./settings.ts";
import { fillIn, variablesOf } from "./templates.ts";

/** A template message that Meta would accept, and what the person reads. */
export interface CheckedTemplate {
  template: GraphTemplate;
  text: string;
}

/** Checks the `template` object of a send request in Meta's order: exists, usable, parameters fit. */
export function checkTemplate(given: Json, known: Known): CheckedTemplate | GraphError {
  const name = asText(given["name"]);
  const language = asText(asObject(given["language"])["code"]);
  if (!name || !language)
    return { code: 131008, details: "template.name and template.language.code are required" };
  const template = findUsable(known, name, language);
  if ("code" in template) return template;
  const parts: string[] = [];
  for (const type of ["HEADER", "BODY"] as const) {
    const filled = fillComponent({ template, given, known }, type);
    if (typeof filled !== "string") return filled;
    if (filled) parts.push(filled);
  }
  const wrongButton = checkButtons(template, given);
  if (wrongButton) return wrongButton;
  const text = parts.join("\n");
  if (text.length > 1024 + 60)
    return { code: 132005, details: "body: translated text exceeds 1024 characters" };
  return { template, text };
}

function findUsable({ templates }: Known, name: string, language: string): GraphTemplate | GraphError {
  const template = templates.find(name, language);
  if (template?.status === "APPROVED") return template;
  if (template?.status === "PAUSED") return { code: 132015, details: `template (${name}) is paused` };
  if (template?.status === "DISABLED") return { code: 132016, details: `template (${name}) is disabled` };
  return { code: 132001, details: `template name (${name}) does not exist in ${language}` };
}

interface Filling {
  template: GraphTemplate;
  given: Json;
  known: Known;
}

function fillComponent({ template, given, known }: Filling, type: "HEADER" | "BODY"): string | GraphError {
  const component = template.components.find((each) => each.type === type);
  const sent = componentsOf(given, type)[0];
  const parameters = asList(sent?.["parameters"]).map(asObject);
  if (type === "HEADER" && component?.format && component.format !== "TEXT") {
    return checkRichHeader(component.format, parameters, known);
  }
  const text = component?.text ?? "";
  const wanted = variablesOf(text);
  if (wanted.length !== parameters.length) {
    const counts = `(${parameters.length}) does not match the expected number of params (${wanted.length})`;
    return { code: 132000, details: `${type.toLowerCase()}: number of localizable_params ${counts}` };
  }
  const values = valuesOf(wanted, parameters, template.parameter_format === "NAMED");
  return "code" in values ? values : fillIn(text, values.values);
}

/** A header that is a file or a place. */
function checkRichHeader(format: string, parameters: Json[], known: Known): string | GraphError {
  const type = format.toLowerCase();
  const parameter = parameters[0] ?? {};
  const value = asObject(parameter[type]);
  if (parameters.length !== 1 || parameter["type"] !== type || Object.keys(value).length === 0) {
    const details = `header: Format mismatch, expected ${format}, received ${String(parameter["type"])}`;
    return { code: 132012, details };
  }
  if (type === "location") return "[location]";
  const media = checkMedia(type as MediaKind, value, known);
  return "code" in media ? media : `[${type}]`;
}

function valuesOf(
  wanted: string[],
  parameters: Json[],
  named: boolean,
): { values: Map<string, string> } | GraphError {
  const values = new Map<string, string>();
  for (const [index, parameter] of parameters.entries()) {
    const name = named ? asText(parameter["parameter_name"]) : wanted[index];
    if (!name || !wanted.includes(name)) {
      return { code: 132012, details: "body: Parameter name is missing or not part of the template" };
    }
    const text = textOf(parameter);
    if (text === undefined || unfit(text)) {
      const reason = "cannot be empty, have new-line/tab characters or more than 4 consecutive spaces";
      return { code: 132012, details: `body: parameter ${name}: Param text ${reason}` };
    }
    values.set(name, text);
  }
  return { values };
}

/** What a parameter shows: a text, or the fallback of a currency or date. */
function textOf(parameter: Json): string | undefined {
  const type = asText(parameter["type"]);
  if (type === "text") return asText(parameter["text"]);
  if (type === "currency" || type === "date_time") return asText(asObject(parameter[type])["fallback_value"]);
  return undefined;
}

function unfit(text: string): boolean {
  return /[\n\r\t]| {5}/.test(text);
}

function checkButtons(template: GraphTemplate, given: Json): GraphError | undefined {
  const buttons = template.components.find((each) => each.type === "BUTTONS")?.buttons ?? [];
  const sent = componentsOf(given, "BUTTON");
  for (const component of sent) {
    const button = buttons[Number(component["index"])];
    if (!button || !sameKind(button, component)) {
      return {
        code: 132012,
        details: `button at index ${String(component["index"])} is not part of the template`,
      };
    }
  }
  for (const [index, button] of buttons.entries()) {
    const component = sent.find((each) => Number(each["index"]) === index);
    const hasValue = asList(component?.["parameters"]).length === 1;
    if (button.url && variablesOf(button.url).length > 0 && !hasValue) {
      return { code: 131008, details: `buttons: Button at index ${index} of type Url requires a parameter` };
    }
  }
  return undefined;
}

function sameKind(button: { type: string }, component: Json): boolean {
  return button.type.toLowerCase() === String(component["sub_type"]).toLowerCase();
}

function componentsOf(given: Json, type: TemplateComponent["type"] | "BUTTON"): Json[] {
  const components = asList(given["components"]).map(asObject);
  return components.filter((each) => String(each["type"]).toUpperCase() === type);
}
