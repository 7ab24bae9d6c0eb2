const MASK = "[redacted]";

/** Field names whose values never reach a log, however they got into a line. */
const SENSITIVE =
  /token|secret|password|authorization|cookie|phone|wa_?id|user_?id|name$|text|body|caption|email|address/i;

/** Provider message ids hold the phone number in base64; digit runs of 7 to 15 may be one. */
const PATTERNS = [
  /wamid\.[A-Za-z0-9+/=_-]+/g,
  /\+?\d[\d\s().-]{5,16}\d/g,
  /\b[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{10,128}\b/g,
];

/** A text without what looks like a phone number, a message id or a user id. */
export function redactText(text: string): string {
  return PATTERNS.reduce((result, pattern) => result.replace(pattern, MASK), text);
}

/** Fields of our own making that may look like a phone number but are not. */
const OURS = new Set(["event", "person", "channel", "connection", "at", "timestamp", "version", "ticket"]);

/** A log line's fields without personal data and secrets; nested values too. The last line of defence, not the first. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) clean[name] = redactValue(name, value);
  return clean;
}

function redactValue(name: string, value: unknown): unknown {
  if (OURS.has(name)) return value;
  if (SENSITIVE.test(name)) return MASK;
  if (typeof value === "string") return redactText(value);
  if (value instanceof Error) return value.name;
  if (Array.isArray(value)) return value.map((item) => redactValue("", item));
  if (typeof value === "object" && value !== null) return redactFields(value as Record<string, unknown>);
  return value;
}
