import { secret } from "deskferry/sdk";
import { z } from "zod";

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, "use letters, digits and -")
  .transform((name) => name.toLowerCase());

const secrets = z
  .array(secret("Secret"))
  .min(1)
  .describe("Any of them is accepted; two while one is being replaced");

/** What stands in front of or behind the body in what is signed; `ts` is the text of the timestamp header. */
export const signedShapes = ["body", "ts+body", "ts.body", "ts:body", "body+ts"] as const;

const signature = z
  .strictObject({
    header: header.describe("Header with the signature, e.g. X-Hub-Signature"),
    secrets,
    algorithm: z.enum(["sha256", "sha1"]).default("sha256").describe("Of the HMAC"),
    encoding: z
      .enum(["hex", "base64", "id:raw"])
      .default("hex")
      .describe("How the digest is written; id:raw: base64 of an id, a colon and the digest's bytes"),
    id: z.string().min(1).optional().describe("id:raw: the only id to accept"),
    prefix: z.string().default("").describe("Text before the digest, e.g. `sha256=`"),
    signs: z
      .enum(signedShapes)
      .default("body")
      .describe("What is signed: the body, with the timestamp or without"),
    timestampHeader: header.optional().describe("Header with the time that is signed along"),
    toleranceSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe("How far that time may be from ours; older webhooks are replays"),
  })
  .superRefine(({ signs, timestampHeader, encoding, id }, context) => {
    const problem = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (signs !== "body" && !timestampHeader)
      problem("timestampHeader", `is missing, and signs: ${signs} needs it`);
    if (signs === "body" && timestampHeader) {
      problem(
        "timestampHeader",
        "a time that is not signed proves nothing; name it in signs, or leave it out",
      );
    }
    if (id !== undefined && encoding !== "id:raw") problem("id", "only encoding: id:raw has an id");
  });

export type SignatureSettings = z.output<typeof signature>;

/** How webhooks of the system are known to be its own, and what they mean. */
export const webhookSettings = z
  .strictObject({
    signature: signature.optional().describe("An HMAC in a header"),
    secretHeader: z
      .strictObject({ header: header.describe("Header with the secret"), secrets })
      .optional()
      .describe("A fixed secret in a header, for systems that sign nothing"),
    basic: z
      .strictObject({
        username: z.string().min(1).describe("User name"),
        password: secret("Password"),
      })
      .optional()
      .describe("HTTP Basic"),
    reads: z.enum(["json", "form"]).default("json").describe("How the body is written"),
    events: z
      .string()
      .trim()
      .min(1)
      .max(65_536)
      .describe("JSONata over { headers, query, body } that makes events"),
  })
  .refine(
    ({ signature, secretHeader, basic }) => [signature, secretHeader, basic].filter(Boolean).length === 1,
    {
      message:
        "name exactly one of signature, secretHeader and basic: an unproven webhook could come from anybody",
    },
  )
  .describe("Changes that the system reports by itself; absent: they are polled");

export type WebhookSettings = z.output<typeof webhookSettings>;
