/** A text as SOQL wants it: nothing in it can end the literal. */
export function literal(text: string): string {
  const inside = text
    .replace(/[\\'"]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t");
  return `'${inside}'`;
}

/** A moment as SOQL wants it, without quotation marks. Seconds since 1970. */
export function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** Salesforce writes zones without a colon. Seconds since 1970. */
export function secondsOf(time: string): number {
  return Math.floor(Date.parse(time.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")) / 1000);
}
