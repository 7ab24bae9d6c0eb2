import { defineChannel } from "../../sdk/index.ts";
import { problemOf } from "../cloud-api/errors.ts";
import { createGraph } from "../cloud-api/graph.ts";
import { createMediaFetcher } from "../cloud-api/media.ts";
import { parse } from "../cloud-api/parse.ts";
import { createSending } from "../cloud-api/sending.ts";
import { checkConnection } from "./check.ts";
import { settings } from "./settings.ts";
import { listTemplates } from "./templates.ts";
import { verifyWebhook } from "./verify.ts";

/**
 * WhatsApp by 360dialog: the Cloud API's payloads and errors at another host, where the key says which number is meant
 * (docs.360dialog.com, messaging API 1.41, 2026).
 */
export default defineChannel({
  name: "dialog360",
  label: "WhatsApp Cloud API (360dialog)",
  config: settings,
  parse,
  create(config, tools) {
    const headers = { "D360-API-KEY": config.apiKey };
    const graph = createGraph({ url: config.apiUrl, prefix: [], headers, mediaHosts: [] }, tools);
    return {
      accountId: config.phoneNumberId,
      verify: (request) => verifyWebhook(config, request),
      ...createSending({ graph, number: [] }),
      explainError: ({ code }) => problemOf(code),
      fetchMedia: createMediaFetcher(graph, {
        secure: config.apiUrl.startsWith("https:"),
        addressOf: (url) => atOurHost(url, config.apiUrl),
      }),
      checkConnection: () => checkConnection(graph),
      listTemplates: () => listTemplates(graph),
    };
  },
});

/**
 * Meta's address of a file, as 360dialog serves it: same path and query, other host
 * (docs.360dialog.com/docs/waba-messaging/media). Whatever host was told, the key goes to 360dialog only.
 */
function atOurHost(url: string, apiUrl: string): string {
  const { pathname, search } = new URL(url);
  return `${apiUrl}${pathname}${search}`;
}
