import { z } from "zod";
import { secret, serverUrl } from "../../sdk/index.ts";

const publicUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (value) => !/[?#]/.test(value) && new URL(value).username === "",
    "without a query, a fragment or a password: what Twilio calls must be what it signs",
  )
  .meta({ description: "Address of this channel exactly as Twilio calls it, seen from outside" });

const template = z.strictObject({
  name: z.string().min(1).meta({ description: "Name of the template, as mappings use it" }),
  language: z.string().min(1).meta({ description: "Its language, as mappings use it" }),
  contentSid: z
    .string()
    .regex(/^HX[0-9a-fA-F]{32}$/, "HX and 32 hexadecimal digits, see Content Template Builder")
    .meta({ description: "Twilio's id of the approved content" }),
});

const host = z
  .string()
  .regex(/^[A-Za-z0-9.-]+(:[0-9]{1,5})?$/, "a host name, with a port if needed; no scheme and no path");

/** Settings of one WhatsApp sender at Twilio. */
export const settings = z.strictObject({
  accountSid: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, "AC and 32 hexadecimal digits, see the Console's first page")
    .meta({ description: "Account SID" }),
  authTokens: z.array(secret("Auth token")).min(1, "at least one auth token").meta({
    description: "Auth tokens: requests use the first, webhooks may be signed with any (during a rotation)",
  }),
  number: z
    .string("must be text: put the number in quotes")
    .regex(/^\+[1-9][0-9]{4,14}$/, "a phone number with + and country code, no spaces")
    .meta({ description: "The sender's phone number" }),
  publicUrl,
  templates: z.array(template).default([]).meta({ description: "Which content stands for which template" }),
  connectionOverrides: z
    .string()
    .regex(/^[a-z]+=[A-Za-z0-9,]+(&[a-z]+=[A-Za-z0-9,]+)*$/, "as in rc=5&rp=5xx,ct,rt")
    .default("rc=5&rp=5xx,ct,rt")
    .meta({ description: "How often Twilio repeats a receipt that we could not take" }),
  apiUrl: serverUrl("Address of Twilio's API").default("https://api.twilio.com"),
  contentUrl: serverUrl("Address of Twilio's Content API, where templates are listed").default(
    "https://content.twilio.com",
  ),
  mediaHosts: z.array(host).default(["mms.twiliocdn.com", "s3-external-1.amazonaws.com"]).meta({
    description: "Hosts that Twilio may send us on to for files; they never see the auth token",
  }),
});

export type Settings = z.output<typeof settings>;
