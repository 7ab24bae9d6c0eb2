import { defineChannel, toE164 } from "../../sdk/index.ts";
import { asText } from "../cloud-api/fields.ts";
import { createTwilioApi } from "./api.ts";
import { problemOf } from "./errors.ts";
import { createMediaFetcher } from "./media.ts";
import { mediaLimit } from "./media-message.ts";
import { parse } from "./parse.ts";
import { MAX_TEXT, sendMessage } from "./send.ts";
import { settings } from "./settings.ts";
import { listTemplates } from "./templates.ts";
import { verifySignature } from "./verify.ts";

/** WhatsApp by Twilio's Programmable Messaging. */
export default defineChannel({
  name: "twilio",
  label: "WhatsApp by Twilio",
  config: settings,
  parse,
  create(config, tools) {
    const api = createTwilioApi(config, tools);
    return {
      accountId: toE164(config.number) ?? config.number,
      maxTextLength: MAX_TEXT,
      // Twilio fetches what it sends; its read marks exist only as "typing …", in a beta (typing-indicators-resource, 2026).
      sends: new Set(["media_link"]),
      mediaLimit,
      verify: (request) => verifySignature(config, request),
      // Anything that is not TwiML is an error for Twilio (12300); plain text would even be sent as an answer.
      acknowledgement: { contentType: "text/xml", body: "<Response/>" },
      send: (request) => sendMessage(api, config, request),
      explainError: ({ code }) => problemOf(code),
      fetchMedia: createMediaFetcher(api, config, tools),
      listTemplates: () => listTemplates(api, config),
      async checkConnection() {
        const account = await api.request({ method: "GET", path: ".json", what: "look at the account" });
        return [`account ${asText(account["status"]) ?? "of unknown state"}, sender ${config.number}`];
      },
    };
  },
});
