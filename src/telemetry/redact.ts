const MASK = "[redacted]";

/** Field names whose values never reach a log, however they got into a line. */
const SENSITIVE =
  /token|secret|password|authorization|cookie|signature|api_?key|phone|wa_?id|user_?id|names?$|^(from|to|recipient|sender)$|text|body|caption|subject|payload|location|email|address/i;

/**
 * Provider message ids hold the phone number in base64. Seven digits or more, in any script and however grouped, may
 * be a phone number: WhatsApp shows them in isolates, people group them as they like.
 */
const PATTERNS = [
  /wamid\.[A-Za-z0-9+/=_-]+/gi,
  // Wherever it begins: a digit, or the letter of an escape such as \n, may stand right before it.
  /[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{10,128}/g,
  /[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g,
  /\+?\p{Nd}(?:[\s()./·_\p{Pd}\p{Cf}]{0,3}\p{Nd}){6,}/gu,
];

/** A line is for reading; whoever logs a whole payload made a mistake. */
const LONGEST_TEXT = 4000;

/** A text without what looks like a phone number, a message id, a user id or an e-mail address. */
export function redactText(text: string): string {
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return PATTERNS.reduce((result, pattern) => result.replace(pattern, MASK), shown);
}

const OUR_ID = /^[0-9a-f]{20}$/;
const NAME = /^[a-z0-9-]{1,40}$/;
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Fields of our own making that may look like a phone number but are not, as long as they look like this. */
const OURS = new Map([
  ["event", OUR_ID],
  ["person", OUR_ID],
  ["channel", NAME],
  ["connection", NAME],
  ["at", TIME],
  ["timestamp", TIME],
  ["ticket", /^[\w#./:-]{1,64}$/],
  ["version", /^[\w.+-]{1,40}$/],
  // Of an entry of the audit log.
  ["hash", /^[0-9a-f]{64}$/],
]);

const DEEPEST = 8;
/** Smaller whole numbers are counts and durations: 27 h in milliseconds. */
const MAYBE_PHONE = 100_000_000;

/** A log line's fields without personal data and secrets; nested values too. The last line of defence, not the first. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redactObject(fields, { depth: 0, seen: new Set() });
}

interface Walk {
  depth: number;
  /** Each object is shown once, so that circles and repeats end. */
  seen: Set<object>;
}

function redactObject(fields: object, walk: Walk): Record<string, unknown> {
  // fromEntries, because assigning to __proto__ would not make a field.
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [redactText(name), redactField(name, value, walk)]),
  );
}

function redactField(name: string, value: unknown, walk: Walk): unknown {
  if (typeof value === "string" && OURS.get(name)?.test(value)) return value;
  return SENSITIVE.test(name) ? MASK : redactValue(value, walk);
}

function redactValue(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
      return redactText(value);
    case "number":
      return Math.abs(value) < MAYBE_PHONE ? value : MASK;
    case "bigint":
      return redactValue(Number(value), walk);
    case "object":
      return value === null ? null : redactNested(value, walk);
    default:
      return typeof value === "boolean" ? value : undefined;
  }
}

function redactNested(value: object, { depth, seen }: Walk): unknown {
  if (value instanceof Error) return redactText(value.name);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth === DEEPEST || seen.has(value)) return "[…]";
  seen.add(value);
  const walk = { depth: depth + 1, seen };
  return Array.isArray(value) ? value.map((item) => redactValue(item, walk)) : redactObject(value, walk);
}
