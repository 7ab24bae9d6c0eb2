import type { RouteConfig } from "../config/schema.ts";
import { chooseTemplate } from "../domain/choose-template.ts";
import type { TemplateMessage } from "../domain/outbound.ts";
import { describeParameters, type TemplateInfo } from "../domain/template.ts";
import { declaredTemplates } from "../mapping/declared-templates.ts";
import type { Channel } from "../sdk/channel.ts";
import { createLogger } from "../telemetry/logger.ts";
import { attempt, type CheckResult, type Look } from "./check-result.ts";
import { createParts, type Parts, partOf } from "./parts.ts";
import type { Settings } from "./settings.ts";

export const CANNOT_LIST = "the channel cannot list its templates (type meta: set businessAccountId)";

/** A channel's templates, a line each. */
export async function* listTemplates(settings: Settings): AsyncGenerator<CheckResult> {
  for await (const parts of openParts(settings)) {
    for (const [name, { channel }] of parts.channels) {
      yield await attempt(`channels.${name}`, async () => ({ lines: await linesOf(channel) }));
    }
  }
}

async function linesOf(channel: Channel): Promise<string[]> {
  return channel.listTemplates ? showTemplates(await channel.listTemplates()) : [CANNOT_LIST];
}

/** A line for each template, by name. */
export function showTemplates(templates: readonly TemplateInfo[]): string[] {
  return templates
    .map((template) => {
      const { name, language, status, category } = template;
      return [name, language, status, category, describeParameters(template)].join("  ");
    })
    .sort();
}

/** Compares what every route sends with what its account has. */
export async function* checkTemplates(settings: Settings): AsyncGenerator<CheckResult> {
  for await (const parts of openParts(settings)) yield* checkRouteTemplates(parts);
}

/** The same with parts at hand. */
export async function* checkRouteTemplates(parts: Parts): AsyncGenerator<CheckResult> {
  for (const [name, route] of parts.routes) {
    const { channel } = partOf(parts.channels, name);
    yield await attempt(`templates for channels.${name}`, () => compare(route, channel));
  }
}

/** What one occasion sends: the wished template and its fallbacks. */
interface Use {
  /** What the operator has to change. */
  where: string;
  templates: TemplateMessage[];
}

async function compare(route: RouteConfig, channel: Channel): Promise<Look> {
  const declared = await declaredTemplates(route.mapping);
  const remarks = declared.unread ? [`the confirmation's templates are not known: ${declared.unread}`] : [];
  const uses: Use[] = [
    ...replyTemplateOf(route),
    ...declared.confirmations.map((templates) => ({ where: `${route.mapping}/confirmation`, templates })),
  ];
  if (uses.length === 0) return { lines: [...remarks, "no template is known to be sent"] };
  if (!channel.listTemplates) return { lines: [...remarks, `not compared: ${CANNOT_LIST}`] };
  const account = await channel.listTemplates();
  const findings = uses.map((use) => judge(use, account, route.templateLanguages));
  const problems = findings.flatMap((finding) => finding.problems);
  const lines = [...remarks, ...new Set(findings.flatMap((finding) => finding.remarks))];
  if (problems.length > 0) return { lines, problems };
  const sent = new Set(findings.flatMap((finding) => finding.sent));
  return { lines: [...lines, `approved, with the parameters they get: ${[...sent].sort().join(", ")}`] };
}

/** It works as long as one of its templates can be sent; that another cannot is worth a remark. */
function judge({ where, templates }: Use, account: TemplateInfo[], languages: string[]) {
  const choices = templates.map((wish) => ({
    wish,
    choice: chooseTemplate(wish, account, { languages, stopped: [] }),
  }));
  const unfit = choices.flatMap(({ choice }) => ("says" in choice ? [`${where}: ${choice.says}`] : []));
  const works = unfit.length < choices.length;
  const instead = choices.flatMap(({ wish, choice }) =>
    "template" in choice && nameOf(choice.template) !== nameOf(wish)
      ? [`${where}: ${nameOf(wish)} goes out as ${nameOf(choice.template)}`]
      : [],
  );
  return {
    problems: works ? [] : unfit,
    remarks: works
      ? [...instead, ...unfit.map((line) => `${line} (another of this confirmation goes out)`)]
      : [],
    sent: choices.flatMap(({ choice }) => ("template" in choice ? [nameOf(choice.template)] : [])),
  };
}

function nameOf({ name, language }: TemplateMessage): string {
  return `${name} (${language})`;
}

function replyTemplateOf({ replyTemplate }: RouteConfig): Use[] {
  if (!replyTemplate) return [];
  const { name, language, parameters } = replyTemplate;
  return [{ where: "replyTemplate", templates: [{ name, language, body: [...parameters] }] }];
}

/** The settings' parts for as long as the loop's body runs. */
export async function* openParts({ config, plugins }: Settings): AsyncGenerator<Parts> {
  const parts = createParts(config, plugins, { logger: createLogger("silent"), clock: { now: Date.now } });
  try {
    yield parts;
  } finally {
    await parts.close();
  }
}
