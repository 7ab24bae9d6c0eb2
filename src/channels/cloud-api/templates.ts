import { PluginError, type TemplateInfo } from "../../sdk/index.ts";
import { asFields, asText, type Fields, objectsOf } from "./fields.ts";
import type { Graph } from "./graph.ts";

const PAGE_SIZE = 100;
/** An account may have 6,000 templates, each in many languages; more pages than this is an answer that goes in circles. */
const MAX_PAGES = 1000;

/** All templates of the account, page after page (whatsapp-business-account/message_templates). Throws PluginError. */
export async function listTemplates(graph: Graph, businessAccountId: string): Promise<TemplateInfo[]> {
  const templates: TemplateInfo[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await graph.request({
      method: "GET",
      path: [businessAccountId, "message_templates"],
      query: {
        fields: "name,language,status,category,components",
        limit: String(PAGE_SIZE),
        ...(after ? { after } : {}),
      },
      what: "list the templates",
    });
    templates.push(...objectsOf(answer["data"]).flatMap(readTemplate));
    const next = nextCursor(answer);
    if (next === undefined) return templates;
    if (next === after) break;
    after = next;
  }
  throw new PluginError({
    kind: "unavailable",
    operatorMessage: "list the templates: Graph's pages do not come to an end",
  });
}

/** The last page has cursors too, but no `next` (graph-api/results). */
function nextCursor(answer: Fields): string | undefined {
  const paging = asFields(answer["paging"]);
  return paging?.["next"] ? asText(asFields(paging["cursors"])?.["after"]) : undefined;
}

/** A template as Meta writes it, and 360dialog in small letters. */
export function readTemplate(template: Fields): TemplateInfo[] {
  const name = asText(template["name"]);
  const language = asText(template["language"]);
  if (!name || !language) return [];
  const components = objectsOf(template["components"]);
  const header = components.find((component) => typeOf(component) === "HEADER");
  const body = components.find((component) => typeOf(component) === "BODY");
  const buttons = objectsOf(components.find((component) => typeOf(component) === "BUTTONS")?.["buttons"]);
  return [
    {
      name,
      language,
      status: asText(template["status"])?.toUpperCase() ?? "UNKNOWN",
      category: asText(template["category"])?.toUpperCase() ?? "UNKNOWN",
      header: variablesOf(header?.["text"]),
      ...headerMediaOf(header),
      body: variablesOf(body?.["text"]),
      buttons: buttons.flatMap(readButton),
      alsoNeeds: [
        ...components.flatMap(componentNeeds),
        ...buttons.flatMap((button, index) => buttonNeeds(button, index)),
      ],
    },
  ];
}

/** The variables of a text, each once: a variable that appears twice is one parameter. */
export function variablesOf(text: unknown): string[] {
  const found = (asText(text) ?? "").matchAll(/\{\{\s*([^{}\s]+)\s*\}\}/g);
  return [...new Set([...found].map(([, name = ""]) => name))];
}

function typeOf(part: Fields): string {
  return asText(part["type"])?.toUpperCase() ?? "";
}

function headerMediaOf(header: Fields | undefined): Pick<TemplateInfo, "headerMedia"> {
  const headerMedia = mediaFormats.get(asText(header?.["format"])?.toUpperCase() ?? "");
  return headerMedia ? { headerMedia } : {};
}

const mediaFormats = new Map<string, NonNullable<TemplateInfo["headerMedia"]>>([
  ["IMAGE", "image"],
  ["VIDEO", "video"],
  ["DOCUMENT", "document"],
]);

const plainButtons: Record<string, TemplateInfo["buttons"][number]["type"]> = {
  QUICK_REPLY: "quick_reply",
  COPY_CODE: "copy_code",
  FLOW: "flow",
};

/** A fixed address takes no value. One-time passwords are listed as addresses with a variable. */
function readButton(button: Fields, index: number): TemplateInfo["buttons"] {
  const type = plainButtons[typeOf(button)];
  if (type) return [{ type, index }];
  return variablesOf(button["url"]).length > 0 ? [{ type: "url", index }] : [];
}

/** Components that a message must fill with more than text (whatsapp/message-templates, components). */
const richComponents: Record<string, string> = {
  CAROUSEL: "the cards of a carousel",
  LIMITED_TIME_OFFER: "the end of a limited-time offer",
};

function componentNeeds(component: Fields): string[] {
  const format = asText(component["format"])?.toLowerCase() ?? "text";
  const isKnown = format === "text" || mediaFormats.has(format.toUpperCase());
  if (typeOf(component) === "HEADER" && !isKnown) return [`a header of the kind ${format}`];
  const need = richComponents[typeOf(component)];
  return need === undefined ? [] : [need];
}

const richButtons: Record<string, string> = {
  MPM: "the products",
  SPM: "the product",
};

function buttonNeeds(button: Fields, index: number): string[] {
  const need = richButtons[typeOf(button)];
  return need === undefined ? [] : [`${need} of button ${index}`];
}
