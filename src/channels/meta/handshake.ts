import { safeEqual } from "../../sdk/index.ts";

/** Meta sends digits. What is echoed must not be able to become a page, so nothing but these letters passes. */
const CHALLENGE = /^[0-9A-Za-z_-]{1,200}$/;

/** Answer to Meta's set-up request: the challenge as sent, or undefined to refuse. */
export function answerHandshake(
  verifyToken: string,
  query: Record<string, string | undefined>,
): string | undefined {
  const challenge = query["hub.challenge"];
  if (query["hub.mode"] !== "subscribe") return undefined;
  if (!safeEqual(query["hub.verify_token"] ?? "", verifyToken)) return undefined;
  return challenge !== undefined && CHALLENGE.test(challenge) ? challenge : undefined;
}
