import { z } from "zod";

const secret = z.string().min(32, "use 32 characters or more, drawn at random");

/** The log of what somebody may have to answer for. */
export const auditSettings = z.strictObject({
  keepDays: z
    .number()
    .min(1)
    .max(3650)
    .default(400)
    .describe("Days for which entries of the audit log are kept, to the end of the day"),
  log: z
    .boolean()
    .default(false)
    .describe("Write each entry of a running process to the log too, as a line with event `audit`"),
  secret: secret.optional().meta({
    secret: true,
    description:
      "Makes the entries' hashes, so that whoever can write to Redis cannot make a new log unnoticed. Without it `deskferry audit verify` shows mistakes only",
  }),
  formerSecrets: z
    .array(secret)
    .max(10)
    .default([])
    .meta({ secret: true, description: "Secrets that kept entries were made with earlier; only to verify" }),
});
