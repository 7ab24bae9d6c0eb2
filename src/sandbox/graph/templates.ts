import type { GraphTemplate, TemplateStatus } from "./settings.ts";

/** The templates of a business account. */
export interface Templates {
  list(): GraphTemplate[];
  find(name: string, language: string): GraphTemplate | undefined;
  replace(templates: GraphTemplate[]): void;
  /** False when there is no such template. */
  setStatus(name: string, language: string, status: TemplateStatus): boolean;
}

export function createTemplates(initial: GraphTemplate[]): Templates {
  let templates = initial.map((template) => ({ ...template }));
  const find = (name: string, language: string) =>
    templates.find((template) => template.name === name && template.language === language);
  return {
    list: () => templates,
    find,
    replace(next) {
      templates = next.map((template) => ({ ...template }));
    },
    setStatus(name, language, status) {
      const template = find(name, language);
      if (template) template.status = status;
      return template !== undefined;
    },
  };
}

/** The variables of a text in order of appearance, each once: `["1", "2"]` or `["first_name"]`. */
export function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? ""))];
}

/** The text with its variables filled in. */
export function fillIn(text: string, values: Map<string, string>): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values.get(name) ?? whole);
}
