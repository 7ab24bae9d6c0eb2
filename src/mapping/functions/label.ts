import type { Labels, Lookups } from "../lookups/lookups.ts";
import { asOptionalText, asText, isNothing, type MappingFunction, refusal } from "./mapping-function.ts";
import { ownValue } from "./table.ts";
import { isolate } from "./text.ts";

const MAX_LANGUAGE = 35;

/**
 * `$label(key, language?, values?)`: the text of labels.yaml in the language, else in a broader one (pt-BR, pt), else in the
 * fallback. `{name}` is filled from `values`, isolated, because a name may run in the other direction.
 */
function labelOf({ labels }: Lookups): (...given: unknown[]) => unknown {
  return (key, language, values) => {
    if (isNothing(key)) return undefined;
    const texts = labels && ownValue(labels.texts, asText(key, "$label"));
    if (!labels || !texts) throw refusal("$label needs a key of labels.yaml as its first argument");
    const wanted = asOptionalText(language, "$label", "second") ?? labels.fallback;
    const text = languageChain(wanted, labels)
      .map((each) => ownValue(texts, each))
      .find((each) => each !== undefined);
    return text === undefined ? undefined : fillIn(text, values);
  };
}

/** `pt_BR` → pt-br, pt, en. Keys of labels are in lower case with hyphens, see read-labels.ts. */
function languageChain(language: string, { fallback }: Labels): string[] {
  const parts = language.slice(0, MAX_LANGUAGE).toLowerCase().replaceAll("_", "-").split("-");
  const narrowToBroad = parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
  return [...narrowToBroad, fallback];
}

function fillIn(text: string, values: unknown): string {
  if (isNothing(values)) return text;
  if (typeof values !== "object") throw refusal('$label needs an object, {"name": …}, as its third argument');
  return text.replace(/\{(\w{1,40})\}/g, (place, name: string) => {
    const value = ownValue(values as Record<string, unknown>, name);
    return isNothing(value) ? place : (isolate(value) ?? place);
  });
}

export const labelFunctions: MappingFunction[] = [
  {
    name: "label",
    signature: "$label(key, language?, values?)",
    about:
      "A text of `labels.yaml` beside the mapping in this language, else in a broader one (`pt-BR`, `pt`), else in the file's fallback. `{name}` in it is filled from `values`, isolated as by `$isolate`.",
    examples: [
      { expression: '$label("photo", "ur")', gives: "تصویر" },
      { expression: '$label("photo", "pt_BR")', gives: "Photo" },
      { expression: '$label("from", "ar", {"name": "Ann"})', gives: "من \u2068Ann\u2069" },
    ],
    create: labelOf,
  },
];
