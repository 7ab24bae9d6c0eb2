import { PluginError } from "../../sdk/index.ts";
import { asFields, asText, objectsOf } from "../cloud-api/fields.ts";
import type { Graph } from "../cloud-api/graph.ts";
import type { Settings } from "./settings.ts";

/** Proves that token and number fit together, and, with the account's id, that webhooks can come. */
export async function checkConnection(graph: Graph, settings: Settings): Promise<string[]> {
  const number = await graph.request({
    method: "GET",
    path: [settings.phoneNumberId],
    query: { fields: "display_phone_number,verified_name,quality_rating" },
    what: "look at the business number",
  });
  const display = asText(number["display_phone_number"]) ?? settings.phoneNumberId;
  const name = asText(number["verified_name"]) ?? "without a verified name";
  const quality = asText(number["quality_rating"]) ?? "unknown";
  const lines = [`business number ${display} (${name}), quality ${quality}`];
  if (settings.businessAccountId) lines.push(await subscriptionLine(graph, settings.businessAccountId));
  return lines;
}

/** Without a subscription everything looks well and no webhook ever comes. */
async function subscriptionLine(graph: Graph, businessAccountId: string): Promise<string> {
  try {
    const answer = await graph.request({
      method: "GET",
      path: [businessAccountId, "subscribed_apps"],
      what: "look at the subscription",
    });
    const apps = objectsOf(answer["data"]).map(
      (app) => asText(asFields(app["whatsapp_business_api_data"])?.["name"]) ?? "unnamed",
    );
    if (apps.length > 0) return `webhooks go to the apps: ${apps.join(", ")}`;
    return "no app is subscribed to the account: no webhook will come (docs/whatsapp-setup.md, step 5)";
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return `subscription not checked: ${error.operatorMessage}`;
  }
}
