import {
  type Clock,
  PluginError,
  type TemplateInfo,
  type TemplateMessage,
  templateProblems,
} from "../../sdk/index.ts";

/** How long the account's word on a template is taken as it is. */
const COPY_MS = 10 * 60_000;
/** Nobody is refused on an older word: the template may have been approved meanwhile. */
const FRESH_MS = 10_000;
const MOST_COPIES = 1000;

interface Copy {
  at: number;
  /** Undefined: the account could not be asked. */
  found: Promise<TemplateInfo[] | undefined>;
}

/**
 * Throws for a template message that Meta would certainly refuse, before it is sent: missing, not approved, or with
 * other parameters than the account's template has. When the account cannot be asked, Meta decides.
 */
export function createTemplatePreflight(list: (name: string) => Promise<TemplateInfo[]>, clock: Clock) {
  const copies = new Map<string, Copy>();

  function look(name: string, oldest: number): Copy["found"] {
    const known = copies.get(name);
    if (known && clock.now() - known.at < oldest) return known.found;
    if (copies.size >= MOST_COPIES) copies.clear();
    const found = list(name).catch(unlessOurFault);
    copies.set(name, { at: clock.now(), found });
    return found;
  }

  return async (message: TemplateMessage): Promise<void> => {
    let problems: string[] = [];
    for (const oldest of [COPY_MS, FRESH_MS]) {
      const account = await look(message.name, oldest);
      problems = account ? templateProblems(message, account) : [];
      if (problems.length === 0) return;
    }
    const says = problems.join("; ");
    throw new PluginError({
      kind: "rejected",
      code: "template",
      operatorMessage: `send message: ${says}`,
      problem: { action: "dead_letter", reason: "template", says },
      isLocal: true,
    });
  };
}

function unlessOurFault(error: unknown): undefined {
  if (!(error instanceof PluginError)) throw error;
  return undefined;
}
