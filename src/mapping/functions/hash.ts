import { createHash } from "node:crypto";
import { asText, asWholeNumber, isNothing, type MappingFunction } from "./mapping-function.ts";

const HEX_DIGITS = 64;

/** SHA-256 of the text's UTF-8 bytes in hex; `length` keeps the first digits. */
export function hash(text: unknown, length?: unknown): string | undefined {
  if (isNothing(text)) return undefined;
  const digits = createHash("sha256").update(asText(text, "$hash")).digest("hex");
  return length === undefined ? digits : digits.slice(0, asWholeNumber(length, HEX_DIGITS, "$hash"));
}

export const hashFunctions: MappingFunction[] = [
  {
    name: "hash",
    signature: "$hash(text, length?)",
    about:
      "SHA-256 in hex, or its first `length` digits: the same text always makes the same name. It hides nothing that can be guessed, such as a phone number.",
    examples: [{ expression: '$hash("ward 12", 12)', gives: "f909abfb48c6" }],
    create: () => hash,
  },
];
