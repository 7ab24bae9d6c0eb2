import { z } from "zod";

const days = z.number().min(1).max(3650).default(30);

/** How long what nobody needs any more is kept. Shorter lives are fixed: docs/privacy.md has all of them. */
export const retentionSettings = z.strictObject({
  deadLetterDays: days.describe(
    "Days for which a dead letter can be replayed; then it is gone, which is counted",
  ),
  quarantineDays: days.describe("Days for which it is kept what was signed but not understood"),
  traceDays: days.describe(
    "Days for which the steps of each event can be looked up; the newest 20,000 at most",
  ),
  mediaHours: z
    .number()
    .min(1)
    .max(720)
    .default(24)
    .describe("Hours after which a file is removed that a killed worker left in media.folder"),
});
