import { asText } from "../cloud-api/fields.ts";
import type { Graph } from "../cloud-api/graph.ts";

/** Proves that the key is good, and tells where webhooks go. */
export async function checkConnection(graph: Graph): Promise<string[]> {
  const answer = await graph.request({
    method: "GET",
    path: ["v1", "configs", "webhook"],
    what: "look at the webhook",
  });
  const url = asText(answer["url"]);
  if (!url || !URL.canParse(url)) {
    return ["the key is good; no webhook is set (docs/whatsapp-by-360dialog.md, step 3)"];
  }
  const { origin, pathname } = new URL(url);
  return [`the key is good; webhooks go to ${origin}${pathname}`];
}
