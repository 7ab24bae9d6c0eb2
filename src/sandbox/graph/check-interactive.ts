import { asList, asObject, asText, type Json } from "../read.ts";
import type { GraphError } from "./graph-error.ts";

/** A question as the person sees it: its words, and what can be tapped. */
export interface CheckedInteractive {
  text: string;
  taps: { id?: string; title: string }[];
}

/** Limits of the sheet "interactive messages" (Cloud API, 2025), in UTF-16 units. */
const LONGEST = {
  body: 1024,
  listBody: 4096,
  header: 60,
  footer: 60,
  button: 20,
  buttonId: 256,
  flowLabel: 30,
} as const;
const LONGEST_ROW = { title: 24, description: 72, id: 200 } as const;
const MOST_BUTTONS = 3;
const MOST_ROWS = 10;

class Refused extends Error {}

/** Per type: what can be tapped. Throws Refused. */
const actions: Record<string, (action: Json) => CheckedInteractive["taps"]> = {
  button: readButtons,
  list: readList,
  cta_url: readLink,
  location_request_message: (action) => named(action, "send_location", "Send location"),
  request_contact_info: (action) => named(action, "request_contact_info", "Share number"),
  flow: readFlow,
};

/** Checks the `interactive` object of a send request. */
export function checkInteractive(given: Json): CheckedInteractive | GraphError {
  try {
    const type = needed(asText(given["type"]), "type", 60);
    const read = actions[type];
    if (!read) throw new Refused(`type ${type} is not supported`);
    const longest = type === "list" ? LONGEST.listBody : LONGEST.body;
    const body = needed(asText(asObject(given["body"])["text"]), "body.text", longest);
    const parts = [headerOf(given), body, footerOf(given)].filter((part) => part !== undefined);
    return { text: parts.join("\n"), taps: read(asObject(given["action"])) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { code: 131009, details: `Parameter value is not valid: interactive.${error.message}` };
  }
}

function headerOf(given: Json): string | undefined {
  if (given["header"] === undefined) return undefined;
  const header = asObject(given["header"]);
  const type = needed(asText(header["type"]), "header.type", LONGEST.header);
  return type === "text" ? needed(asText(header["text"]), "header.text", LONGEST.header) : `[${type}]`;
}

function footerOf(given: Json): string | undefined {
  if (given["footer"] === undefined) return undefined;
  return needed(asText(asObject(given["footer"])["text"]), "footer.text", LONGEST.footer);
}

function needed(text: string | undefined, field: string, longest: number): string {
  if (text === undefined) throw new Refused(`${field} is required`);
  if (text.length > longest) throw new Refused(`${field} exceeds ${longest} characters`);
  return text;
}

function optional(text: string | undefined, field: string, longest: number): string | undefined {
  return text === undefined ? undefined : needed(text, field, longest);
}

function named(action: Json, name: string, title: string): CheckedInteractive["taps"] {
  if (action["name"] !== name) throw new Refused(`action.name must be ${name}`);
  return [{ title }];
}

function readButtons(action: Json): CheckedInteractive["taps"] {
  const taps = asList(action["buttons"]).map((item, index) => {
    const button = asObject(item);
    if (button["type"] !== "reply") throw new Refused(`action.buttons[${index}].type must be reply`);
    const { id, title } = asObject(button["reply"]);
    return {
      id: needed(asText(id), `action.buttons[${index}].reply.id`, LONGEST.buttonId),
      title: needed(asText(title), `action.buttons[${index}].reply.title`, LONGEST.button),
    };
  });
  if (taps.length === 0 || taps.length > MOST_BUTTONS) {
    throw new Refused(`action.buttons: 1 to ${MOST_BUTTONS} are allowed`);
  }
  return distinct(taps, "action.buttons");
}

function readList(action: Json): CheckedInteractive["taps"] {
  needed(asText(action["button"]), "action.button", LONGEST.button);
  const sections = asList(action["sections"]).map(asObject);
  for (const section of sections) {
    const title = asText(section["title"]);
    if (sections.length > 1) needed(title, "action.sections.title", LONGEST_ROW.title);
    else optional(title, "action.sections.title", LONGEST_ROW.title);
  }
  const rows = sections.flatMap((section) => asList(section["rows"]).map(asObject));
  if (rows.length === 0 || rows.length > MOST_ROWS) {
    throw new Refused(`action.sections: 1 to ${MOST_ROWS} rows are allowed in all`);
  }
  const taps = rows.map((row) => {
    optional(asText(row["description"]), "action.sections.rows.description", LONGEST_ROW.description);
    return {
      id: needed(asText(row["id"]), "action.sections.rows.id", LONGEST_ROW.id),
      title: needed(asText(row["title"]), "action.sections.rows.title", LONGEST_ROW.title),
    };
  });
  return distinct(taps, "action.sections.rows");
}

function readFlow(action: Json): CheckedInteractive["taps"] {
  const parameters = asObject(action["parameters"]);
  if (parameters["flow_message_version"] !== "3") {
    throw new Refused("action.parameters.flow_message_version must be 3");
  }
  const ids = [parameters["flow_id"], parameters["flow_name"]].filter((id) => asText(id) !== undefined);
  if (ids.length !== 1) throw new Refused("action.parameters: just one of flow_id and flow_name is required");
  const label = asText(parameters["flow_cta"]);
  return named(action, "flow", needed(label, "action.parameters.flow_cta", LONGEST.flowLabel));
}

function readLink(action: Json): CheckedInteractive["taps"] {
  const parameters = asObject(action["parameters"]);
  const url = needed(asText(parameters["url"]), "action.parameters.url", 2000);
  if (!URL.canParse(url)) throw new Refused("action.parameters.url is not a valid address");
  const label = asText(parameters["display_text"]);
  return named(action, "cta_url", needed(label, "action.parameters.display_text", LONGEST.button));
}

function distinct<T extends { id: string }>(taps: T[], field: string): T[] {
  if (new Set(taps.map(({ id }) => id)).size < taps.length) throw new Refused(`${field}: ids must differ`);
  return taps;
}
