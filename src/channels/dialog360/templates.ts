import { PluginError, type TemplateInfo } from "../../sdk/index.ts";
import { objectsOf } from "../cloud-api/fields.ts";
import type { Graph } from "../cloud-api/graph.ts";
import { readTemplate } from "../cloud-api/templates.ts";

const PAGE_SIZE = 500;
const MAX_PAGES = 1000;

/**
 * All templates of the number's account, page after page. 360dialog writes Meta's templates with states in small letters
 * and counts pages by offset (`{count, total, offset, limit, waba_templates}`); so its clients in the field read it, a page
 * of its own about it was not found (2026). Throws PluginError.
 */
export async function listTemplates(graph: Graph): Promise<TemplateInfo[]> {
  const templates: TemplateInfo[] = [];
  for (let page = 0, offset = 0; page < MAX_PAGES; page++) {
    const answer = await graph.request({
      method: "GET",
      path: ["v1", "configs", "templates"],
      query: { limit: String(PAGE_SIZE), offset: String(offset) },
      what: "list the templates",
    });
    const found = objectsOf(answer["waba_templates"]);
    templates.push(...found.flatMap(readTemplate));
    offset += found.length;
    if (found.length === 0 || !(Number(answer["total"]) > offset)) return templates;
  }
  throw new PluginError({
    kind: "unavailable",
    operatorMessage: "list the templates: 360dialog's pages do not come to an end",
  });
}
