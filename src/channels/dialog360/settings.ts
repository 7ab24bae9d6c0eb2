import { z } from "zod";
import { secret, serverUrl } from "../../sdk/index.ts";

const phoneNumberId = z
  .string("must be text: put the digits in quotes, long numbers lose digits otherwise")
  .regex(/^[0-9]{1,30}$/, "digits only; not the phone number itself but its id, see the payloads' metadata");

const webhookHeader = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, "a header's name: letters, digits and hyphens")
    .transform((name) => name.toLowerCase())
    .meta({ description: "Name of the header, e.g. X-Deskferry-Key" }),
  value: secret("Value of the header: a long random word"),
});

/** Settings of one business number at 360dialog. */
export const settings = z
  .strictObject({
    phoneNumberId: phoneNumberId.meta({ description: "Meta's id of the business number (phone_number_id)" }),
    apiKey: secret("API key of the number, from the 360dialog Hub"),
    webhookSecrets: z.array(secret("Platform secret")).default([]).meta({
      description: "Platform secrets that sign webhooks (partners only); several during a rotation",
    }),
    webhookHeader: webhookHeader
      .optional()
      .meta({ description: "A header that 360dialog was told to send with every webhook" }),
    apiUrl: serverUrl("Address of 360dialog's messaging API").default("https://waba-v2.360dialog.io"),
  })
  .refine((given) => given.webhookSecrets.length > 0 || given.webhookHeader !== undefined, {
    path: ["webhookHeader"],
    message: "give webhookHeader or webhookSecrets: without either no webhook can be trusted",
  });

export type Settings = z.output<typeof settings>;
