import { z } from "zod";

/** Keys of a connection that are ours; all others belong to the connector. */
export const connectionEntry = z.looseObject({
  use: z
    .string()
    .min(1)
    .describe("Connector: request-tracker, sandbox, znuny, a path (./plugins/acme.js) or a package"),
  pollSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .optional()
    .describe("Ask the helpdesk for changes this often; absent: wait for its webhooks"),
  reconcileMinutes: z
    .number()
    .min(0)
    .max(1440)
    .default(15)
    .describe(
      "Where webhooks bring the changes and no pollSeconds is set: how often the helpdesk is asked too, in case one was lost. 0: never",
    ),
  callsPerMinute: z
    .int()
    .min(2)
    .max(1_000_000)
    .optional()
    .describe(
      "At most so many calls a minute, all workers together; absent: what the helpdesk's own answers tell, else no limit",
    ),
});
