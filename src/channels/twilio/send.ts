import { PluginError, type SendRequest, type TemplateMessage } from "../../sdk/index.ts";
import { asText } from "../cloud-api/fields.ts";
import { invalid } from "../cloud-api/refusal.ts";
import { addressOf, addressOfNumber } from "./address.ts";
import type { TwilioApi } from "./api.ts";
import { callbackAddress } from "./callback-address.ts";
import { renderMedia } from "./media-message.ts";
import type { Settings } from "./settings.ts";

/** Limit of `Body` (twilio.com/docs/messaging/api/message-resource; error 21617). */
export const MAX_TEXT = 1600;

const what = "send message";

/** Hands a message to Twilio. A success means accepted; what becomes of it is told by receipts. */
export async function sendMessage(
  api: TwilioApi,
  settings: Settings,
  request: SendRequest,
): Promise<{ messageId: string }> {
  const fields = renderMessage(settings, request);
  const answer = await api.request({ method: "POST", path: "/Messages.json", fields, what });
  const messageId = asText(answer["sid"]);
  if (messageId) return { messageId };
  const operatorMessage = `${what}: Twilio accepted it without telling the message's id`;
  throw new PluginError({ kind: "ambiguous", code: "no_message_id", operatorMessage });
}

/** The form of a message. Throws PluginError for what Twilio would certainly refuse. */
export function renderMessage(settings: Settings, request: SendRequest): Record<string, string> {
  const { to, outbound, callbackData } = request;
  const address = addressOf(to);
  if (!address) throw invalid("the person has neither a phone number nor a user id");
  const callback = callbackAddress(settings.publicUrl, callbackData);
  if (!callback) throw new PluginError({ kind: "bug", operatorMessage: "callback data is too long" });
  return {
    From: addressOfNumber(settings.number),
    To: address,
    StatusCallback: `${callback}#${settings.connectionOverrides}`,
    ...renderContent(settings, outbound),
  };
}

function renderContent(settings: Settings, outbound: SendRequest["outbound"]): Record<string, string> {
  if (outbound.kind === "text") return { Body: checkedText(outbound.text) };
  if (outbound.kind === "template") return renderTemplate(settings, outbound.template);
  if (outbound.kind === "media") return renderMedia(outbound.media);
  // Questions exist as contents made beforehand only, reactions not at all (twilio.com/docs/whatsapp/api, 2026).
  const name = outbound.kind === "interactive" ? "a question with answers to tap" : "a reaction";
  throw invalid(`${name} cannot be sent by Twilio`);
}

function checkedText(given: string): string {
  const text = given.toWellFormed();
  if (text.trim() === "") throw invalid("the text is empty");
  const { length } = [...text];
  if (length > MAX_TEXT) throw invalid(`the text has ${length} characters, Twilio takes ${MAX_TEXT}`);
  return text;
}

function renderTemplate(settings: Settings, template: TemplateMessage): Record<string, string> {
  const { name, language, headerMedia } = template;
  if (headerMedia) throw invalid("a template's file is part of the content at Twilio and cannot be given");
  const known = settings.templates.find((each) => each.name === name && each.language === language);
  if (!known) {
    const operatorMessage = `${what}: the template ${name} (${language}) has no contentSid in the channel's templates`;
    throw new PluginError({ kind: "config", code: "unknown_template", operatorMessage });
  }
  const variables = variablesOf(template);
  return {
    ContentSid: known.contentSid,
    ...(Object.keys(variables).length > 0 ? { ContentVariables: JSON.stringify(variables) } : {}),
  };
}

/** Twilio counts a content's variables through, whatever part they stand in: header, body, then buttons. */
function variablesOf({ header, body, buttons }: TemplateMessage): Record<string, string> {
  const parts = [header ?? [], body ?? [], (buttons ?? []).map(({ value }) => value)];
  const variables: Record<string, string> = {};
  let position = 0;
  for (const part of parts) {
    if (typeof part === "object" && !Array.isArray(part)) {
      Object.assign(variables, part);
      continue;
    }
    for (const value of [part].flat()) {
      position += 1;
      variables[String(position)] = value.toWellFormed();
    }
  }
  return variables;
}
