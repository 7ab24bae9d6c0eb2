/** An error of JSONata, of its host or of our functions, in words that quote nothing from the input. */
export interface DescribedError {
  reason: string;
  detail?: string;
  position?: number;
  /** Out of time. */
  timeout?: boolean;
  /** Out of another bound. */
  limit?: boolean;
}

const TIMEOUT = "D1012";
const TOO_LONG = "it took too long. Look for recursion without an end, large ranges or long texts";
/** Stack, range and sequence. */
const LIMITS = new Set(["D1011", "D2014", "D2015"]);
/** `$error` and `$assert`: the text is the mapping's own and may be made from the input. */
const OWN_TEXT: Record<string, string> = { D3137: "$error", D3141: "$assert" };
/** Fields that JSONata's messages quote and that may come from the input. */
const QUOTED = ["value", "value2", "base", "exp", "functionName"];

interface Thrown {
  code?: unknown;
  message?: unknown;
  position?: unknown;
  [field: string]: unknown;
}

/** Compile errors quote only the mapping file itself, which is no secret. */
export function describeError(error: unknown): DescribedError {
  const thrown: Thrown = typeof error === "object" && error !== null ? (error as Thrown) : {};
  const code = typeof thrown.code === "string" ? thrown.code : "";
  const message = typeof thrown.message === "string" ? thrown.message : "";
  return {
    reason: reasonOf(code, message, thrown),
    ...(message === "" ? {} : { detail: message.slice(0, 1000) }),
    ...(typeof thrown.position === "number" ? { position: thrown.position } : {}),
    ...(LIMITS.has(code) ? { limit: true } : {}),
    ...(code === TIMEOUT ? { timeout: true } : {}),
  };
}

function reasonOf(code: string, message: string, thrown: Thrown): string {
  if (code === "MAPPING") return message;
  const own = OWN_TEXT[code];
  if (own) return `the mapping refused this input with ${own}`;
  if (code === TIMEOUT) return TOO_LONG;
  // Limits quote our own numbers, syntax errors the mapping file.
  if (LIMITS.has(code) || code.startsWith("S0")) return `${message} (JSONata ${code})`;
  if (code !== "" && message !== "") return `${withoutValues(message, thrown)} (JSONata ${code})`;
  if (thrown instanceof RangeError) return "it needs too deep a recursion or too long a text";
  return `it failed inside JSONata (${thrown instanceof Error ? thrown.name : "unknown error"})`;
}

function withoutValues(message: string, thrown: Thrown): string {
  let safe = message;
  for (const field of QUOTED) {
    const text = JSON.stringify(thrown[field]);
    if (text !== undefined) safe = safe.split(text).join("…");
    if (typeof thrown[field] === "string" && thrown[field] !== "") safe = safe.split(thrown[field]).join("…");
  }
  return safe;
}
