import { secret, serverUrl } from "deskferry/sdk";
import { z } from "zod";

/** What stands below the connection in deskferry.yaml. Descriptions become the settings reference. */
export const settings = z.strictObject({
  url: serverUrl("Address of Acme Desk as staff open it, e.g. https://acme.example.org"),
  token: secret("API token of the account that Deskferry uses"),
  account: z
    .string()
    .min(1)
    .default("connector")
    .describe("Name of that account; what it does is recognised as our own doing"),
  webhookSecret: secret("Signs the webhooks of Acme Desk; without it changes must be polled").optional(),
});

export type Settings = z.output<typeof settings>;
