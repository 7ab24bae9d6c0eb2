import { graphemeCut } from "./split-text.ts";

/** No line breaks, no tabs, at most four spaces in a row: what WhatsApp takes in a template parameter that is not empty. */
export const LEGAL_PARAMETER = /^(?!.*[\n\r\t])(?!.* {5})/s;

/**
 * A text that WhatsApp accepts as a template parameter: one line, no tabs, at most single spaces, never empty
 * (codes 132012 and 100), at most `limit` characters with an ellipsis where it was cut.
 */
export function templateParameter(text: string, limit: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  if (line === "") return "–";
  return line.length <= limit ? line : `${line.slice(0, graphemeCut(line, limit - 1)).trimEnd()}…`;
}
