import { defineChannel } from "../../sdk/index.ts";
import { problemOf } from "../cloud-api/errors.ts";
import { createGraph } from "../cloud-api/graph.ts";
import { createMediaFetcher } from "../cloud-api/media.ts";
import { parse } from "../cloud-api/parse.ts";
import { createSending } from "../cloud-api/sending.ts";
import { listTemplates } from "../cloud-api/templates.ts";
import { checkConnection } from "./check.ts";
import { answerHandshake } from "./handshake.ts";
import { settings } from "./settings.ts";
import { verifySignature } from "./verify.ts";

/** WhatsApp by Meta's own Cloud API. */
export default defineChannel({
  name: "meta",
  label: "WhatsApp Cloud API (Meta)",
  config: settings,
  parse,
  create(config, tools) {
    const graph = createGraph(
      {
        url: config.graphUrl,
        prefix: [config.graphVersion],
        headers: { Authorization: `Bearer ${config.accessToken}` },
        mediaHosts: config.mediaHosts,
      },
      tools,
    );
    const { businessAccountId } = config;
    const sending = createSending({ graph, number: [config.phoneNumberId] });
    const account = businessAccountId && {
      templateAccountId: businessAccountId,
      listTemplates: () => listTemplates(graph, businessAccountId),
    };
    return {
      accountId: config.phoneNumberId,
      handshake: (query) => answerHandshake(config.verifyToken, query),
      verify: (request) => verifySignature(config.appSecrets, request),
      ...sending,
      explainError: ({ code }) => problemOf(code),
      fetchMedia: createMediaFetcher(graph, {
        query: { phone_number_id: config.phoneNumberId },
        secure: config.graphUrl.startsWith("https:"),
      }),
      checkConnection: () => checkConnection(graph, config),
      ...account,
    };
  },
});
