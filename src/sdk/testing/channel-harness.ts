import type { MediaRef } from "../../domain/message.ts";
import type { WebhookRequest } from "../webhook-request.ts";
import type { Passed } from "./fault-proxy.ts";

/**
 * What the author of a channel type brings along: a server on loopback that answers as the provider's does, and
 * webhooks signed with the secrets of `settings`.
 */
export interface ChannelHarness {
  /** Where the provider's API listens. The suite puts a proxy in front of it. */
  serverUrl: string;
  /** Settings of a channel that reaches the provider at `url`. */
  settings(url: string): unknown;
  /** The provider's set-up request and its right answer, where there is one. */
  handshake?: { query: WebhookRequest["query"]; challenge: string };
  /** A genuine webhook with one text message of one person. */
  message(text: string): WebhookRequest;
  /** A genuine webhook: the message that was sent with this request has been delivered. */
  receipt(sent: Passed, messageId: string): WebhookRequest;
  /** A file of a person's, which the server has. */
  media: { ref: MediaRef; bytes: Buffer };
  stop(): Promise<void>;
}
