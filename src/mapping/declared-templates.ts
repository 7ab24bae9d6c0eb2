import { access } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { TemplateMessage } from "../domain/outbound.ts";
import { confirmationRecord } from "../domain/records.ts";
import { readMappingTests, type TestCase } from "./test-file.ts";

/** What a mapping folder says that it sends. */
export interface DeclaredTemplates {
  /** Of confirmation.test.json: what its cases expect, each once. Their parameters are the tests' own. */
  templates: TemplateMessage[];
  /** Why that could not be read; ends with the remedy. */
  unread?: string;
}

/**
 * A mapping can compute the name of a template, so no reading of the file tells what it sends; its tests do. Nothing
 * for a folder without a confirmation.
 */
export async function declaredTemplates(folder: string): Promise<DeclaredTemplates> {
  if (!(await isThere(join(folder, "confirmation.jsonata")))) return { templates: [] };
  const file = join(folder, "confirmation.test.json");
  const cases = await readMappingTests(file);
  if (typeof cases === "string") return { templates: [], unread: `${file}: ${cases}` };
  const templates: TemplateMessage[] = [];
  for (const template of cases.flatMap(expectedTemplate)) {
    if (!templates.some((known) => isDeepStrictEqual(shapeOf(known), shapeOf(template)))) {
      templates.push(template);
    }
  }
  return { templates };
}

function expectedTemplate(test: TestCase): TemplateMessage[] {
  if (!("expected" in test)) return [];
  const { data } = confirmationRecord.safeParse(test.expected);
  if (!data || !("template" in data)) return [];
  const { name, language, header, body, buttons } = data.template;
  return [
    {
      name,
      language,
      ...(header ? { header } : {}),
      ...(body ? { body } : {}),
      ...(buttons ? { buttons } : {}),
    },
  ];
}

/** The message without what stands in its parameters: two of one shape fit, or not, together. */
function shapeOf({ name, language, header, body, buttons }: TemplateMessage): unknown {
  return {
    name,
    language,
    header: parametersOf(header),
    body: parametersOf(body),
    buttons: buttons?.map(({ type, index }) => `${type} ${index}`).sort(),
  };
}

function parametersOf(values: TemplateMessage["body"] | string): unknown {
  if (values === undefined || typeof values === "string") return typeof values;
  return Array.isArray(values) ? values.length : Object.keys(values).sort();
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
