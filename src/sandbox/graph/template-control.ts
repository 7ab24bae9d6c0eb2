import { asList, asObject, asText, ControlError, type Json } from "../read.ts";
import { numberOf } from "./receive.ts";
import type { GraphTemplate, TemplateStatus } from "./settings.ts";
import { postWebhook } from "./webhooks.ts";
import type { GraphWorld } from "./world.ts";

const statuses = ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"] as const;

/** Reads a list of templates in the form that `GET /{waba}/message_templates` gives. Throws ControlError. */
export function readTemplates(value: unknown): GraphTemplate[] {
  const items = Array.isArray(value) ? value : asList(asObject(value)["data"]);
  return items.map((item, index) => {
    const given = asObject(item);
    const [name, language] = [asText(given["name"]), asText(given["language"])];
    if (!name || !language) throw new ControlError(`templates[${index}]: give name and language`);
    return {
      status: "APPROVED",
      category: "UTILITY",
      parameter_format: "POSITIONAL",
      components: [],
      ...given,
      name,
      language,
    } satisfies GraphTemplate;
  });
}

export function replaceTemplates(world: GraphWorld, body: unknown): Json {
  const templates = readTemplates(body);
  world.templates.replace(templates);
  return { templates: templates.length };
}

/** Changes a template's status and tells so by webhook, as Meta does after a review or a pause. */
export async function setTemplateStatus(world: GraphWorld, body: Json): Promise<void> {
  const name = asText(body["name"]) ?? "";
  const language = asText(body["language"]) ?? "";
  const status = asText(body["status"]) ?? "";
  if (!isStatus(status)) throw new ControlError(`status: use one of ${statuses.join(", ")}`);
  if (!world.templates.setStatus(name, language, status)) {
    throw new ControlError(`name: no template ${name} in ${language}`);
  }
  world.journal.append({ kind: "template", detail: `${name} ${language} ${status}` });
  const number = numberOf(world, world.numbers[0]?.phoneNumberId ?? "");
  const value = {
    event: status,
    message_template_id: 7_000_000,
    message_template_name: name,
    message_template_language: language,
    reason: status === "REJECTED" ? "INVALID_FORMAT" : "NONE",
  };
  const field = "message_template_status_update";
  await postWebhook(world, number, { changes: [{ wabaId: number.wabaId, field, value }], wamids: [] });
}

function isStatus(value: string): value is TemplateStatus {
  return (statuses as readonly string[]).includes(value);
}
