/** The text as a block under the line that it explains. */
export function indent(text: string): string {
  return text.replace(/^/gm, "      ");
}
