/** `$${` writes a plain `${`; `${NAME}` and `${NAME:-default}` take a variable. The default may be empty. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

export interface Interpolated {
  text: string;
  /** True when a variable or default stands in the text. */
  changed: boolean;
  /** Variables without value and default, in order. */
  missing: string[];
  /** True when a `${` begins nothing of these: a slip, which must not become part of a password. */
  malformed: boolean;
}

/** Replaces the references once: what a variable holds is never looked at again. Empty counts as not set. */
export function interpolate(text: string, read: (name: string) => string | undefined): Interpolated {
  const missing: string[] = [];
  let changed = false;
  let malformed = false;
  const result = text.replace(REFERENCE, (match, name: string | undefined, fallback: string | undefined) => {
    if (name === undefined) {
      if (match === "${") malformed = true;
      return "${";
    }
    changed = true;
    const value = read(name);
    if (value !== undefined && value !== "") return value;
    if (fallback === undefined) missing.push(name);
    return fallback ?? match;
  });
  return { text: result, changed, missing, malformed };
}
