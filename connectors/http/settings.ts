import { secret, serverUrl, ticketStatuses } from "deskferry/sdk";
import { z } from "zod";
import { authSettings } from "./auth-settings.ts";
import { operationSettings } from "./operation-settings.ts";
import { webhookSettings } from "./webhook-settings.ts";

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, "use letters, digits and -")
  .transform((name) => name.toLowerCase());

const idempotency = z
  .strictObject({
    class: z
      .enum(["A", "B", "C"])
      .describe("A: a repeated create makes no second record; B: we look up before we repeat; C: neither"),
    keyHeader: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, "use letters, digits and -")
      .optional()
      .describe("Header of creates that carries our id, e.g. Idempotency-Key"),
    settleMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(0)
      .describe("B: how long a new record may stay invisible to look-ups, in milliseconds"),
    onUnclear: z
      .enum(["hold", "retry"])
      .default("hold")
      .describe("C: after an unclear outcome wait for an operator, or try again at the risk of a double"),
  })
  .describe("What keeps a repeated create from making a second record");

const rateLimitHeaders = z
  .strictObject({
    remaining: header.describe("Header that tells how many requests are left"),
    limit: header.optional().describe("Header that tells how many a window allows"),
    reset: header
      .optional()
      .describe("Header that tells when the window begins anew: seconds, a Unix time or a date"),
    windowSeconds: z.int().min(1).max(86_400).optional().describe("Length of the window; 60 unless told"),
  })
  .describe("Headers in which the system tells its limit");

export const settingsSchema = z
  .strictObject({
    url: serverUrl("Address of the system's API, e.g. https://desk.example.org/api"),
    auth: authSettings.prefault({}),
    headers: z.record(z.string(), secret("Value")).default({}).describe("Sent with every request"),
    account: z
      .string()
      .min(1)
      .optional()
      .describe("Id of our own account as events name it: its writes are our own echoes"),
    idempotency,
    statuses: z
      .record(z.string(), z.enum(ticketStatuses))
      .describe(
        "The system's words for a ticket's status, each with ours; the first of several is the one we set",
      ),
    internalComments: z
      .boolean()
      .default(true)
      .describe("Whether comments can be hidden from the person; false refuses them"),
    failed: z
      .string()
      .trim()
      .min(1)
      .max(65_536)
      .optional()
      .describe(
        "JSONata over every answer, for systems that answer 200 on failure; an operation's own replaces it",
      ),
    rateLimitHeaders: rateLimitHeaders.optional(),
    timeoutSeconds: z.number().positive().max(120).default(20).describe("Deadline of a whole exchange"),
    operations: operationSettings.describe("The requests, one for each thing that Deskferry does"),
    webhook: webhookSettings.optional(),
  })
  .superRefine(({ idempotency, operations, webhook }, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    for (const name of ["findTicket", "findComment"] as const) {
      if (idempotency.class === "B" && !operations[name]) {
        problem(["operations", name], "is missing, and idempotency class B looks up before it repeats");
      }
    }
    if (!webhook && !operations.listChanges) {
      problem(
        ["operations", "listChanges"],
        "is missing, and there is no webhook: replies could not come back",
      );
    }
    if (operations.updateContact && !operations.findContact) {
      problem(["operations", "findContact"], "is missing, and updateContact needs what it finds");
    }
  });

export type Settings = z.output<typeof settingsSchema>;
