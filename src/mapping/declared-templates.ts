import { access } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { TemplateMessage } from "../domain/outbound.ts";
import { alternativesOf, type Confirmation, confirmationRecord } from "../domain/records.ts";
import { readMappingTests, type TestCase } from "./test-file.ts";

/** What a mapping folder says that it sends. */
export interface DeclaredTemplates {
  /**
   * Of confirmation.test.json: the templates that each case expects, the wished one and its fallbacks; each list once.
   * Their parameters are the tests' own.
   */
  confirmations: TemplateMessage[][];
  /** Why that could not be read; ends with the remedy. */
  unread?: string;
}

/**
 * A mapping can compute the name of a template, so no reading of the file tells what it sends; its tests do. Nothing
 * for a folder without a confirmation.
 */
export async function declaredTemplates(folder: string): Promise<DeclaredTemplates> {
  if (!(await isThere(join(folder, "confirmation.jsonata")))) return { confirmations: [] };
  const file = join(folder, "confirmation.test.json");
  const cases = await readMappingTests(file);
  if (typeof cases === "string") return { confirmations: [], unread: `${file}: ${cases}` };
  const confirmations: TemplateMessage[][] = [];
  for (const expected of cases.map(expectedTemplates)) {
    const shape = expected.map(shapeOf);
    const isKnown = confirmations.some((known) => isDeepStrictEqual(known.map(shapeOf), shape));
    if (expected.length > 0 && !isKnown) confirmations.push(expected);
  }
  return { confirmations };
}

function expectedTemplates(test: TestCase): TemplateMessage[] {
  if (!("expected" in test)) return [];
  const { data } = confirmationRecord.safeParse(test.expected);
  return data ? alternativesOf(data).flatMap(templateIn) : [];
}

function templateIn(one: Confirmation): TemplateMessage[] {
  if (!("template" in one)) return [];
  const { headerMedia, ...others } = one.template;
  // What a case expects is JSON: no key is there without a value.
  return [{ ...others, ...(headerMedia ? { headerMedia } : {}) } as TemplateMessage];
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
