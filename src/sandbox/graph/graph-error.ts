import type { Answer } from "../faults.ts";

/** A refusal in the words of the Graph API. */
export interface GraphError {
  code: number;
  details: string;
}

/**
 * Titles and HTTP statuses by code (WhatsApp Cloud API, "error codes", November 2025). The status is no guide to the
 * kind of error: rate limits are 400, a missing template is 404.
 */
const known: Record<number, { title: string; status: number }> = {
  0: { title: "AuthException", status: 401 },
  2: { title: "API Service", status: 503 },
  4: { title: "API Too Many Calls", status: 400 },
  10: { title: "Permission Denied", status: 403 },
  33: { title: "Parameter value is not valid", status: 400 },
  100: { title: "Invalid parameter", status: 400 },
  190: { title: "Invalid OAuth access token", status: 401 },
  368: { title: "Temporarily blocked for policies violations", status: 403 },
  80007: { title: "Rate limit issues", status: 400 },
  130429: { title: "Rate limit hit", status: 400 },
  130472: { title: "User's number is part of an experiment", status: 400 },
  131000: { title: "Something went wrong", status: 500 },
  131005: { title: "Access denied", status: 403 },
  131008: { title: "Required parameter is missing", status: 400 },
  131009: { title: "Parameter value is not valid", status: 400 },
  131016: { title: "Service unavailable", status: 500 },
  131021: { title: "Recipient cannot be sender", status: 400 },
  131026: { title: "Message undeliverable", status: 400 },
  131030: { title: "Recipient phone number not in allowed list", status: 400 },
  131042: { title: "Business eligibility payment issue", status: 400 },
  131045: { title: "Incorrect certificate", status: 500 },
  131047: { title: "Re-engagement message", status: 400 },
  131048: { title: "Spam rate limit hit", status: 400 },
  131049: { title: "Meta chose not to deliver", status: 400 },
  131050: { title: "User has stopped marketing messages", status: 400 },
  131051: { title: "Unsupported message type", status: 400 },
  131052: { title: "Media download error", status: 400 },
  131053: { title: "Media upload error", status: 400 },
  131056: { title: "(Business Account, Consumer Account) pair rate limit hit", status: 400 },
  131057: { title: "Account in maintenance mode", status: 500 },
  132000: { title: "Number of parameters does not match the expected number of params", status: 400 },
  132001: { title: "Template name does not exist in the translation", status: 404 },
  132005: { title: "Translated text too long", status: 400 },
  132007: { title: "Template format character policy violated", status: 400 },
  132012: { title: "Parameter format does not match format in the created template", status: 400 },
  132015: { title: "Template is paused", status: 400 },
  132016: { title: "Template is disabled", status: 400 },
  133010: { title: "Phone number not registered", status: 400 },
};

export function titleOf(code: number): string {
  return known[code]?.title ?? "Unknown error";
}

/** The answer that carries this error; codes we do not know are 400. */
export function toAnswer(error: GraphError): Answer {
  const entry = known[error.code];
  return {
    status: entry?.status ?? 400,
    body: {
      error: {
        message: `(#${error.code}) ${titleOf(error.code)}`,
        type: "OAuthException",
        code: error.code,
        error_data: { messaging_product: "whatsapp", details: error.details },
        fbtrace_id: "ASandboxTraceIdOfNoMeaning",
      },
    },
  };
}
