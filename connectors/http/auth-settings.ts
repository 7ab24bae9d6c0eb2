import { createPrivateKey, X509Certificate } from "node:crypto";
import { secret, serverUrl } from "deskferry/sdk";
import { z } from "zod";

const basic = z
  .strictObject({
    username: z.string().min(1).describe("User name"),
    password: secret("Password; a letter where the system wants only a user name"),
  })
  .describe("HTTP Basic");

const apiKey = z
  .strictObject({
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, "use letters, digits and -")
      .optional()
      .describe("Header that carries the key, e.g. X-Api-Key"),
    query: z.string().min(1).optional().describe("Query parameter that carries it instead"),
    value: secret("The key"),
    prefix: z.string().default("").describe("Text before the key in the header, e.g. `Token token=`"),
  })
  .refine(({ header, query }) => (header === undefined) !== (query === undefined), {
    message: "name either a header or a query parameter",
  })
  .describe("A key in a header or in the query");

const oauth2 = z
  .strictObject({
    tokenUrl: serverUrl("Address that gives tokens"),
    clientId: z.string().min(1).describe("Client id"),
    clientSecret: secret("Client secret"),
    scope: z.string().min(1).optional().describe("Scopes, separated by blanks"),
    audience: z.string().min(1).optional().describe("Sent along where the server asks for it"),
    credentialsIn: z
      .enum(["header", "body"])
      .default("header")
      .describe("Client id and secret as HTTP Basic, or in the form"),
  })
  .describe("OAuth 2 client credentials; the token is kept, and renewed before it ends");

const clientCertificate = z
  .strictObject({
    certificate: z
      .string()
      .refine(isCertificate, "is not a certificate in PEM")
      .describe("Our certificate as PEM, e.g. from a secret file"),
    key: secret("Its private key as PEM"),
    passphrase: secret("Opens the private key").optional(),
    authority: z
      .string()
      .refine(isCertificate, "is not a certificate in PEM")
      .optional()
      .describe("Certificate that signed the server's own, as PEM, where the system does not know it"),
  })
  .refine(({ key, passphrase }) => isKey(key, passphrase), {
    path: ["key"],
    message: "is not a private key in PEM, or the passphrase does not open it",
  })
  .describe("Mutual TLS; alone or together with one of the others");

/** At most one way besides the certificate: two would contradict each other. */
export const authSettings = z
  .strictObject({
    basic: basic.optional(),
    bearer: z.strictObject({ token: secret("Bearer token") }).optional(),
    apiKey: apiKey.optional(),
    oauth2: oauth2.optional(),
    clientCertificate: clientCertificate.optional(),
  })
  .refine(
    ({ basic, bearer, apiKey, oauth2 }) => [basic, bearer, apiKey, oauth2].filter(Boolean).length <= 1,
    {
      message: "name one of basic, bearer, apiKey and oauth2, not several",
    },
  )
  .describe("How we show who we are");

export type AuthSettings = z.output<typeof authSettings>;

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== "";
  } catch {
    return false;
  }
}

function isKey(key: string, passphrase: string | undefined): boolean {
  try {
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) }).type === "private";
  } catch {
    return false;
  }
}
