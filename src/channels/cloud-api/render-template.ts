import type { TemplateMessage } from "../../sdk/index.ts";
import { invalid } from "./refusal.ts";
import { checkedLink, tidyName } from "./render-media.ts";

type Button = NonNullable<TemplateMessage["buttons"]>[number];

interface Component {
  type: string;
  parameters: Record<string, unknown>[];
  [field: string]: unknown;
}

/** The part of a message that is a template (whatsapp/templates/components). */
export function renderTemplate(template: TemplateMessage): Record<string, unknown> {
  const { name, language, body, buttons } = template;
  const components = [
    ...headerOf(template),
    ...(body === undefined ? [] : [{ type: "body", parameters: parametersOf(body) }]),
    ...(buttons ?? []).map(renderButton),
  ].filter((component) => component.parameters.length > 0);
  return {
    type: "template",
    template: { name, language: { code: language }, ...(components.length > 0 ? { components } : {}) },
  };
}

function headerOf({ header, headerMedia }: TemplateMessage): Component[] {
  if (header !== undefined && headerMedia)
    throw invalid("a template has a text or a file as its header, not both");
  if (header !== undefined) return [{ type: "header", parameters: parametersOf(header) }];
  if (!headerMedia) return [];
  const { type, link, fileName } = headerMedia;
  const isNamed = type === "document" && fileName !== undefined;
  const file = { link: checkedLink(link), ...(isNamed ? { filename: tidyName(fileName) } : {}) };
  return [{ type: "header", parameters: [{ type, [type]: file }] }];
}

/** Positional parameters go by their order, named ones by name; a template has only one of the two forms. */
function parametersOf(values: string | string[] | Record<string, string>): Record<string, string>[] {
  if (typeof values === "string") return [{ type: "text", text: values.toWellFormed() }];
  if (Array.isArray(values)) return values.map((text) => ({ type: "text", text: text.toWellFormed() }));
  return Object.entries(values).map(([parameter_name, text]) => ({
    type: "text",
    parameter_name,
    text: text.toWellFormed(),
  }));
}

function renderButton({ type, index, value }: Button): Component {
  return { type: "button", sub_type: type, index: String(index), parameters: [buttonParameter(type, value)] };
}

function buttonParameter(type: Button["type"], value: string): Record<string, unknown> {
  const text = value.toWellFormed();
  if (type === "url") return { type: "text", text };
  if (type === "quick_reply") return { type: "payload", payload: text };
  if (type === "copy_code") return { type: "coupon_code", coupon_code: text };
  return { type: "action", action: { flow_token: text } };
}
