import { defineChannel } from "../../sdk/index.ts";
import { checkConnection } from "./check.ts";
import { problemOf } from "./errors.ts";
import { createGraph } from "./graph.ts";
import { answerHandshake } from "./handshake.ts";
import { createMediaFetcher } from "./media.ts";
import { parse } from "./parse.ts";
import { sendMessage } from "./send.ts";
import { settings } from "./settings.ts";
import { verifySignature } from "./verify.ts";

/** WhatsApp by Meta's own Cloud API. */
export default defineChannel({
  name: "meta",
  label: "WhatsApp Cloud API (Meta)",
  config: settings,
  parse,
  create(config, tools) {
    const graph = createGraph(config, tools);
    return {
      accountId: config.phoneNumberId,
      handshake: (query) => answerHandshake(config.verifyToken, query),
      verify: (request) => verifySignature(config.appSecrets, request),
      send: (request) => sendMessage(graph, config.phoneNumberId, request),
      explainError: ({ code }) => problemOf(code),
      fetchMedia: createMediaFetcher(graph, config),
      checkConnection: () => checkConnection(graph, config),
    };
  },
});
