import { z } from "zod";
import { secret, serverUrl } from "../../sdk/index.ts";

const graphId = z
  .string("must be text: put the digits in quotes, long numbers lose digits otherwise")
  .regex(/^[0-9]{1,30}$/, "digits only; not the phone number itself but its id, see WhatsApp > API Setup");

const host = z
  .string()
  .regex(/^[A-Za-z0-9.-]+(:[0-9]{1,5})?$/, "a host name, with a port if needed; no scheme and no path");

/** Settings of one business number at Meta. */
export const settings = z.strictObject({
  phoneNumberId: graphId.meta({ description: "Id of the business phone number (phone_number_id)" }),
  businessAccountId: graphId.optional().meta({
    description:
      "Id of the WhatsApp Business Account; with it the check looks at subscription and templates, and no template is sent that would be refused",
  }),
  appSecrets: z
    .array(secret("App secret"))
    .min(1, "at least one app secret: without it no webhook can be trusted")
    .meta({ description: "App secrets; several during a rotation or when several apps share the callback" }),
  verifyToken: secret("The word that Meta repeats when the callback address is set up"),
  accessToken: secret("Token of a system user with whatsapp_business_messaging"),
  graphUrl: serverUrl("Address of the Graph API").default("https://graph.facebook.com"),
  graphVersion: z
    .string()
    .regex(/^v[0-9]{1,3}\.[0-9]{1,2}$/, "as in v25.0")
    .default("v25.0")
    .meta({ description: "Version of the Graph API" }),
  mediaHosts: z.array(host).default(["lookaside.fbsbx.com"]).meta({
    description: "Hosts, besides Graph's own, that files may be fetched from with the access token",
  }),
});

export type Settings = z.output<typeof settings>;
