import { type Outbound, PluginError, type SendRequest, type TemplateMessage } from "../../sdk/index.ts";

/** Limit of a text body (whatsapp/messages/text-messages). */
const MAX_TEXT = 4096;
/** Limit of biz_opaque_callback_data. */
const MAX_CALLBACK_DATA = 512;

/** Body of `POST /{phone number}/messages`. Throws PluginError for what Graph would certainly refuse. */
export function renderMessage(request: SendRequest): Record<string, unknown> {
  const { to, outbound, callbackData } = request;
  if (callbackData.length > MAX_CALLBACK_DATA) {
    throw new PluginError({ kind: "bug", operatorMessage: "callback data is longer than 512 characters" });
  }
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...renderRecipient(to),
    ...renderContent(outbound),
    biz_opaque_callback_data: callbackData,
  };
}

/**
 * The phone wins at Meta when both are given, so only one is. Without `+` the country code of the business number may
 * be put in front (whatsapp/messages/send-messages).
 */
function renderRecipient(to: SendRequest["to"]): { to: string } | { recipient: string } {
  if (to.phone) return { to: to.phone };
  if (to.userId) return { recipient: to.userId };
  throw invalid("the person has neither a phone number nor a user id");
}

function renderContent(outbound: Outbound): Record<string, unknown> {
  if (outbound.kind === "template") {
    return { type: "template", template: renderTemplate(outbound.template) };
  }
  if (outbound.kind !== "text")
    throw invalid(`this channel cannot send a message of the kind ${outbound.kind}`);
  const body = outbound.text.toWellFormed();
  const length = [...body].length;
  if (body.trim() === "") throw invalid("the text is empty");
  if (length > MAX_TEXT) throw invalid(`the text has ${length} characters, ${MAX_TEXT} are allowed`);
  return { type: "text", text: { body, preview_url: false } };
}

function renderTemplate(template: TemplateMessage): Record<string, unknown> {
  const { name, language, header, body, buttons } = template;
  const components = [
    ...(header === undefined ? [] : [{ type: "header", parameters: parametersOf(header) }]),
    ...(body === undefined ? [] : [{ type: "body", parameters: parametersOf(body) }]),
    ...(buttons ?? []).map(renderButton),
  ].filter((component) => component.parameters.length > 0);
  return { name, language: { code: language }, ...(components.length > 0 ? { components } : {}) };
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

function renderButton({ type, index, value }: NonNullable<TemplateMessage["buttons"]>[number]) {
  const parameter = type === "url" ? { type: "text", text: value } : { type: "payload", payload: value };
  return { type: "button", sub_type: type, index: String(index), parameters: [parameter] };
}

function invalid(reason: string): PluginError {
  return new PluginError({ kind: "rejected", code: "invalid", operatorMessage: `send message: ${reason}` });
}
