import { type Outbound, PluginError, type SendRequest } from "../../sdk/index.ts";
import { invalid } from "./refusal.ts";
import { renderInteractive } from "./render-interactive.ts";
import { renderMedia } from "./render-media.ts";
import { renderTemplate } from "./render-template.ts";

/** Limit of a text body (whatsapp/messages/text-messages). */
const MAX_TEXT = 4096;
/** Limit of biz_opaque_callback_data. */
const MAX_CALLBACK_DATA = 512;

/**
 * Body of `POST /{phone number}/messages`; `mediaId` is where a file of ours is at WhatsApp. Throws PluginError for what
 * Graph would certainly refuse.
 */
export function renderMessage(request: SendRequest, mediaId = ""): Record<string, unknown> {
  const { to, outbound, callbackData } = request;
  if (callbackData.length > MAX_CALLBACK_DATA) {
    throw new PluginError({ kind: "bug", operatorMessage: "callback data is longer than 512 characters" });
  }
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...renderRecipient(to),
    ...renderContent(outbound, mediaId),
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

function renderContent(outbound: Outbound, mediaId: string): Record<string, unknown> {
  switch (outbound.kind) {
    case "text":
      return renderText(outbound.text);
    case "template":
      return renderTemplate(outbound.template);
    case "media":
      return renderMedia(outbound.media, mediaId);
    case "interactive":
      return renderInteractive(outbound.interactive);
    case "reaction":
      return renderReaction(outbound);
  }
}

function renderText(text: string): Record<string, unknown> {
  const body = text.toWellFormed();
  const length = [...body].length;
  if (body.trim() === "") throw invalid("the text is empty");
  if (length > MAX_TEXT) throw invalid(`the text has ${length} characters, ${MAX_TEXT} are allowed`);
  return { type: "text", text: { body, preview_url: false } };
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One emoji, however many code points it has; none takes the reaction back (whatsapp/messages/reaction-messages). */
function renderReaction({
  messageId,
  emoji,
}: Extract<Outbound, { kind: "reaction" }>): Record<string, unknown> {
  if (messageId.trim() === "") throw invalid("the message to react to has no id");
  const isEmoji =
    /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(emoji) &&
    [...graphemes.segment(emoji)].length === 1;
  if (emoji !== "" && !isEmoji) throw invalid("a reaction is one emoji, or none to take it back");
  return { type: "reaction", reaction: { message_id: messageId, emoji } };
}
