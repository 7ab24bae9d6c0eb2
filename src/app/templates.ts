import type { RouteConfig } from "../config/schema.ts";
import type { TemplateMessage } from "../domain/outbound.ts";
import { describeParameters, templateProblems } from "../domain/template.ts";
import { declaredTemplates } from "../mapping/declared-templates.ts";
import type { Channel } from "../sdk/channel.ts";
import { createLogger } from "../telemetry/logger.ts";
import { attempt, type CheckResult, type Look } from "./check-result.ts";
import { createParts, type Parts, partOf } from "./parts.ts";
import type { Settings } from "./settings.ts";

const CANNOT_LIST = "the channel cannot list its templates (type meta: set businessAccountId)";

/** A channel's templates, a line each. */
export async function* listTemplates(settings: Settings): AsyncGenerator<CheckResult> {
  for await (const parts of openParts(settings)) {
    for (const [name, { channel }] of parts.channels) {
      yield await attempt(`channels.${name}`, async () => ({ lines: await linesOf(channel) }));
    }
  }
}

async function linesOf(channel: Channel): Promise<string[]> {
  if (!channel.listTemplates) return [CANNOT_LIST];
  const templates = await channel.listTemplates();
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

interface Use {
  /** What the operator has to change. */
  where: string;
  template: TemplateMessage;
}

async function compare(route: RouteConfig, channel: Channel): Promise<Look> {
  const declared = await declaredTemplates(route.mapping);
  const remarks = declared.unread ? [`the confirmation's templates are not known: ${declared.unread}`] : [];
  const uses: Use[] = [
    ...replyTemplateOf(route),
    ...declared.templates.map((template) => ({ where: `${route.mapping}/confirmation`, template })),
  ];
  if (uses.length === 0) return { lines: [...remarks, "no template is known to be sent"] };
  if (!channel.listTemplates) return { lines: [...remarks, `not compared: ${CANNOT_LIST}`] };
  const account = await channel.listTemplates();
  const problems = uses.flatMap(({ where, template }) =>
    templateProblems(template, account).map((problem) => `${where}: ${problem}`),
  );
  if (problems.length > 0) return { lines: remarks, problems };
  const names = new Set(uses.map(({ template: { name, language } }) => `${name} (${language})`));
  return { lines: [...remarks, `approved, with the parameters they get: ${[...names].sort().join(", ")}`] };
}

function replyTemplateOf({ replyTemplate }: RouteConfig): Use[] {
  if (!replyTemplate) return [];
  const { name, language, parameters } = replyTemplate;
  return [{ where: "replyTemplate", template: { name, language, body: [...parameters] } }];
}

/** The settings' parts for as long as the loop's body runs. */
async function* openParts({ config, plugins }: Settings): AsyncGenerator<Parts> {
  const parts = createParts(config, plugins, { logger: createLogger("silent"), clock: { now: Date.now } });
  try {
    yield parts;
  } finally {
    await parts.mapper.close();
  }
}
