import { z } from "zod";
import { type LookupFile, lookupProblem, readYaml } from "./lookup-file.ts";
import type { Labels } from "./lookups.ts";

const language = z
  .string()
  .regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$/, "must be a language, hi or pt-BR");

const labels = z.strictObject({
  fallback: language,
  labels: z.record(z.string().min(1), z.record(language, z.string().min(1))),
});

/** Texts by key and language from YAML. Every key needs the fallback's language, so that no text is ever missing. */
export function readLabels(file: LookupFile): Labels {
  const { value, lineOf } = readYaml(file, labels);
  const fallback = normal(value.fallback);
  const texts: Labels["texts"] = {};
  for (const [key, byLanguage] of Object.entries(value.labels)) {
    const entries = Object.entries(byLanguage).map(([name, text]) => [normal(name), text] as const);
    texts[key] = Object.fromEntries(entries);
    if (texts[key][fallback] !== undefined) continue;
    const reason = `${key} has no text in ${value.fallback}, the fallback. Add it`;
    throw lookupProblem(file, reason, lineOf(["labels", key]));
  }
  return { fallback, texts };
}

function normal(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** Texts that some key has in a language and another has not; `photo: ur, ar`. Not an error: the fallback is used. */
export function missingLabels({ texts }: Labels): string[] {
  const languages = [
    ...new Set(Object.values(texts).flatMap((byLanguage) => Object.keys(byLanguage))),
  ].sort();
  return Object.entries(texts).flatMap(([key, byLanguage]) => {
    const missing = languages.filter((each) => !Object.hasOwn(byLanguage, each));
    return missing.length > 0 ? [`${key}: ${missing.join(", ")}`] : [];
  });
}
