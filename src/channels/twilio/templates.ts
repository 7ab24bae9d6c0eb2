import { PluginError, type TemplateInfo } from "../../sdk/index.ts";
import { asFields, asText, type Fields, objectsOf } from "../cloud-api/fields.ts";
import { variablesOf } from "../cloud-api/templates.ts";
import type { TwilioApi } from "./api.ts";
import type { Settings } from "./settings.ts";

const what = "list the templates";
const MAX_PAGES = 1000;

/**
 * The contents that the settings name, under the names that mappings use; others cannot be sent and are left out
 * (twilio.com/docs/content, ContentAndApprovals, 2026). Throws PluginError.
 */
export async function listTemplates(api: TwilioApi, { templates }: Settings): Promise<TemplateInfo[]> {
  if (templates.length === 0) return [];
  const contents = new Map((await allContents(api)).map((content) => [asText(content["sid"]), content]));
  return templates.flatMap(({ name, language, contentSid }) => {
    const content = contents.get(contentSid);
    return content ? [{ name, language, ...readContent(content) }] : [];
  });
}

async function allContents(api: TwilioApi): Promise<Fields[]> {
  const contents: Fields[] = [];
  let query: Record<string, string> = { PageSize: "500" };
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await api.content({ path: "/v1/ContentAndApprovals", query, what });
    contents.push(...objectsOf(answer["contents"]));
    const next = asText(asFields(answer["meta"])?.["next_page_url"]);
    if (!next || !URL.canParse(next)) return contents;
    // Only the query is taken over: the token goes to the host of the settings and nowhere else.
    query = Object.fromEntries(new URL(next).searchParams);
  }
  const operatorMessage = `${what}: Twilio's pages do not come to an end`;
  throw new PluginError({ kind: "unavailable", operatorMessage });
}

/** A content has one form for each kind of channel; for WhatsApp it is the one that was approved. */
function readContent(content: Fields): Omit<TemplateInfo, "name" | "language"> {
  const approval = asFields(content["approval_requests"]);
  const types = asFields(content["types"]) ?? {};
  const approved = asText(approval?.["content_type"]) ?? "";
  const form = asFields(types[approved] ?? Object.values(types)[0]) ?? {};
  // A card calls its text `title`.
  const body = form["body"] ?? form["title"];
  return {
    status: (asText(approval?.["status"]) ?? "UNSUBMITTED").toUpperCase(),
    category: (asText(approval?.["category"]) ?? "UNKNOWN").toUpperCase(),
    header: variablesOf(form["header_text"]),
    body: variablesOf(body),
    buttons: objectsOf(form["actions"]).flatMap(readAction),
    alsoNeeds: mediaNeeds(form["media"]),
  };
}

/** Twilio fills the variables of all parts alike; a button without one takes no value. */
function readAction(action: Fields, index: number): TemplateInfo["buttons"] {
  if (variablesOf(action["url"]).length > 0) return [{ type: "url", index }];
  return variablesOf(action["id"]).length > 0 ? [{ type: "quick_reply", index }] : [];
}

function mediaNeeds(media: unknown): string[] {
  const addresses = Array.isArray(media) ? media : [media];
  return addresses.some((address) => variablesOf(address).length > 0)
    ? ["the variable of its file's address"]
    : [];
}
