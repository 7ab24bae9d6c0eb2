import { expect, test } from "vitest";
import { titleOf, toAnswer } from "../../src/sandbox/graph/graph-error.ts";

test.each<[code: number, status: number, title: string]>([
  [0, 401, "AuthException"],
  [2, 503, "API Service"],
  [4, 400, "API Too Many Calls"],
  [10, 403, "Permission Denied"],
  [33, 400, "Parameter value is not valid"],
  [100, 400, "Invalid parameter"],
  [190, 401, "Invalid OAuth access token"],
  [368, 403, "Temporarily blocked for policies violations"],
  [80007, 400, "Rate limit issues"],
  [130429, 400, "Rate limit hit"],
  [130472, 400, "User's number is part of an experiment"],
  [131000, 500, "Something went wrong"],
  [131005, 403, "Access denied"],
  [131008, 400, "Required parameter is missing"],
  [131009, 400, "Parameter value is not valid"],
  [131016, 500, "Service unavailable"],
  [131021, 400, "Recipient cannot be sender"],
  [131026, 400, "Message undeliverable"],
  [131030, 400, "Recipient phone number not in allowed list"],
  [131042, 400, "Business eligibility payment issue"],
  [131045, 500, "Incorrect certificate"],
  [131047, 400, "Re-engagement message"],
  [131048, 400, "Spam rate limit hit"],
  [131049, 400, "Meta chose not to deliver"],
  [131050, 400, "User has stopped marketing messages"],
  [131051, 400, "Unsupported message type"],
  [131052, 400, "Media download error"],
  [131053, 400, "Media upload error"],
  [131056, 400, "(Business Account, Consumer Account) pair rate limit hit"],
  [131057, 500, "Account in maintenance mode"],
  [132000, 400, "Number of parameters does not match the expected number of params"],
  [132001, 404, "Template name does not exist in the translation"],
  [132005, 400, "Translated text too long"],
  [132007, 400, "Template format character policy violated"],
  [132012, 400, "Parameter format does not match format in the created template"],
  [132015, 400, "Template is paused"],
  [132016, 400, "Template is disabled"],
  [133010, 400, "Phone number not registered"],
  [999999, 400, "Unknown error"],
])("error %i goes out with HTTP %i and the title '%s'", (code, status, title) => {
  expect(titleOf(code)).toBe(title);
  expect(toAnswer({ code, details: "why" })).toEqual({
    status,
    body: {
      error: {
        message: `(#${code}) ${title}`,
        type: "OAuthException",
        code,
        error_data: { messaging_product: "whatsapp", details: "why" },
        fbtrace_id: "ASandboxTraceIdOfNoMeaning",
      },
    },
  });
});
