import { z } from "zod";

/** How what waits is handled, and how fast it goes out. */
export const queueSettings = z.strictObject({
  concurrency: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe("Conversations handled at once, per channel and process"),
  reorderMillis: z
    .int()
    .min(0)
    .max(10_000)
    .default(250)
    .describe(
      "How long the first message of a quiet conversation waits for earlier ones that arrive after it, as in an album",
    ),
  crashLimit: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe("An event that took a worker down with it this often becomes a dead letter"),
  giveUpAfterHours: z
    .number()
    .positive()
    .max(720)
    .default(72)
    .describe("An event that could not be handled for so long becomes a dead letter"),
  receiptWaitSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(120)
    .describe("How long to wait for the receipt of an unclear send before the second try"),
  messagesPerSecond: z
    .int()
    .min(4)
    .max(1000)
    .default(80)
    .describe(
      "What Meta allows a business number, in and out together: 80, 20 beside the WhatsApp Business app, 1000 after an upgrade. At most three quarters of it are sent; the rest is left to what people write",
    ),
  lockSeconds: z
    .number()
    .positive()
    .max(600)
    .default(10)
    .describe("Time until a dead worker's job is taken over"),
  stallSeconds: z.number().positive().max(600).default(5).describe("How often dead workers are looked for"),
});
