/** All that a plugin may use of Deskferry. The only re-exporting file besides sdk/testing. */
export type {
  AccountUpdated,
  Author,
  ChannelEvent,
  CommentAdded,
  ConsentChanged,
  HelpdeskEvent,
  MessageReceived,
  ReceiptUpdated,
  TemplateUpdate,
  TicketChanged,
} from "../domain/event.ts";
export { interactiveLimits, interactiveProblems } from "../domain/interactive.ts";
export type { MediaRef, Message, MessageType } from "../domain/message.ts";
export type { Interactive, Outbound, OutboundMedia, TemplateMessage } from "../domain/outbound.ts";
export type { Person } from "../domain/person.ts";
export { isUserId } from "../domain/person.ts";
export { toE164 } from "../domain/phone.ts";
export type { Receipt, ReceiptError } from "../domain/receipt.ts";
export { receiptStates } from "../domain/receipt.ts";
export type { ContactRecord, TicketRecord } from "../domain/records.ts";
export { type SendAction, type SendProblem, sendActions } from "../domain/send-problem.ts";
export { type TemplateInfo, templateProblems } from "../domain/template.ts";
export { type TicketSnapshot, type TicketStatus, ticketStatuses } from "../domain/ticket.ts";
export type { Acknowledgement, Arrival } from "./arrival.ts";
export type { Attachment } from "./attachment.ts";
export type {
  Channel,
  ChannelDefinition,
  FetchedMedia,
  MediaLimit,
  MediaTarget,
  ParsedPayload,
  Quarantined,
  SendAbility,
  SendRequest,
} from "./channel.ts";
export { defineChannel, sendAbilities } from "./channel.ts";
export { cleanFields, cleanText, oneLine } from "./clean-text.ts";
export {
  type AccessToken,
  type ClientCredentials,
  createTokenSource,
  type TokenSource,
  withToken,
} from "./client-credentials.ts";
export type { Clock } from "./clock.ts";
export { endsWithMark, lastMark, markOf } from "./comment-mark.ts";
export type {
  AttachmentRef,
  Connector,
  ConnectorCapabilities,
  ConnectorDefinition,
  ContactKey,
  Idempotency,
  NewComment,
  NewTicket,
  OptionalTicketField,
  RateLimitHeaders,
  RecordRef,
  TicketMessage,
} from "./connector.ts";
export { defineConnector } from "./connector.ts";
export { type ErrorKind, fromHttpResponse, PluginError, parseRetryAfter } from "./errors.ts";
export type { Expression, Expressions } from "./expression.ts";
export { secret, serverUrl } from "./fields.ts";
export type { FormPart } from "./form-body.ts";
export { htmlToText } from "./html-text.ts";
export type {
  Download,
  DownloadRequest,
  HttpAnswer,
  HttpClient,
  HttpClientOptions,
  HttpRequest,
} from "./http-client.ts";
export { createHttpClient } from "./http-client.ts";
export { parseJson } from "./parse-json.ts";
export { type Asked, createAnswerReader, readAs, unexpectedShape } from "./read-answer.ts";
export { readCursor } from "./read-cursor.ts";
export { digestOf, refuseTooLarge, saveDownload, saveFile } from "./save-file.ts";
export { hmac, safeEqual, type TimedSignature, verifyHmac, verifyTimedHmac } from "./signature.ts";
export { textToHtml } from "./text-html.ts";
export type { PluginLog, Tools } from "./tools.ts";
export { base64Of, transferTimeoutMs, uploadName, uploadType, withEmptyFiles } from "./upload.ts";
export { createWarnOnce } from "./warn-once.ts";
export type { WebhookRequest } from "./webhook-request.ts";
