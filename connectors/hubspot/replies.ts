/** The end of a note of ours, which staff quote along with it. */
const OUR_LINE = /\s*\b(?:WhatsApp|Deskferry) #wa-[\w-]{16}(?![\w-])/g;

/**
 * The words of a note that staff mean for the person: those behind the marker that it begins with. Undefined for every
 * other note, which stays in HubSpot: docs/decisions/0033-replies-in-hubspot.md.
 */
export function replyIn(text: string, marker: string): string | undefined {
  const words = marker.split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const match = new RegExp(`^[\\s\\p{Cf}]*${words.join("\\s+")}`, "iu").exec(text);
  return match ? text.slice(match[0].length).replace(OUR_LINE, "").trim() : undefined;
}
