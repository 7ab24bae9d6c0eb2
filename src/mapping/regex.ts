import { RE2JS } from "re2js";

/**
 * RegExp as far as JSONata uses it (exec, lastIndex, source), on re2js: linear in the text, whatever the pattern.
 * JavaScript's own engine backtracks, 29 letters against `(a+)+$` take 29 s, and JSONata's time limit does not cover it.
 */
class LinearRegExp {
  lastIndex = 0;
  readonly source: string;
  readonly #pattern: RE2JS;

  constructor(pattern: RegExp) {
    this.source = pattern.source;
    const compiled = compileRegex(pattern);
    if (!compiled) throw { code: "MAPPING", message: "the regular expression cannot run in linear time" };
    this.#pattern = compiled;
  }

  exec(text: string): (RegExpExecArray & { index: number }) | null {
    const matcher = this.#pattern.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, n) => matcher.group(n) ?? undefined);
    this.lastIndex = matcher.end();
    return Object.assign(groups as [string, ...string[]], { index: matcher.start(), input: text });
  }
}

/** JSONata makes a new engine for each evaluation of a pattern; the node of its syntax tree stays the same. */
const compiledPatterns = new WeakMap<RegExp, RE2JS>();

/** Undefined when the pattern needs backtracking: back references, look-ahead. */
export function compileRegex(pattern: RegExp): RE2JS | undefined {
  const known = compiledPatterns.get(pattern);
  if (known) return known;
  try {
    const compiled = RE2JS.compile(pattern.source, flagsOf(pattern));
    compiledPatterns.set(pattern, compiled);
    return compiled;
  } catch {
    return undefined;
  }
}

function flagsOf(pattern: RegExp): number {
  const insensitive = pattern.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0;
  const lines = pattern.multiline ? RE2JS.MULTILINE : 0;
  return insensitive | lines;
}

/** For jsonata's option `RegexEngine`, which is typed as the whole of RegExp. */
export const LinearRegexEngine = LinearRegExp as unknown as RegExpConstructor;
