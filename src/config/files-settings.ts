import { z } from "zod";
import { dangers } from "../domain/file-danger.ts";

/** What becomes of files that people send, by what their bytes say. */
export const filesSettings = z.strictObject({
  refuse: z
    .array(z.enum(dangers))
    .default([...dangers])
    .describe(
      "Files that are not carried over but named with the reason: program, script, page (HTML, SVG), macros (Office), hidden (a picture that is an archive or a page too)",
    ),
  stripMetadata: z
    .boolean()
    .default(false)
    .describe(
      "Pictures and films go on without place, time, device and texts of their own, or are named instead where that cannot be done",
    ),
  scan: z
    .strictObject({
      address: z
        .string()
        .regex(/^(\/\S+|(\[[0-9a-fA-F:]+\]|[\w.-]+):[1-9]\d{0,4})$/, "use host:port or the path of a socket")
        .describe("Where clamd listens: 127.0.0.1:3310 or /run/clamav/clamd.ctl"),
      timeoutSeconds: z.number().positive().max(600).default(60).describe("Longest time for one file"),
      maxBytes: z
        .int()
        .min(1)
        .default(25 * 1024 * 1024)
        .describe("The scanner's own limit (StreamMaxLength of clamd): larger files are named, not carried"),
    })
    .optional()
    .describe(
      "A virus scanner (ClamAV's clamd) looks at each file first. While it does not answer, messages with files wait",
    ),
});
