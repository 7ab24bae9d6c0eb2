/** One thing that is wrong with deskferry.yaml. Never holds a value, which could be a secret. */
export interface ConfigProblem {
  /** Setting, e.g. `channels.city.accessToken` or `routes[0].mapping`; empty for the file as a whole. */
  path: string;
  reason: string;
  /** What to do about it. */
  remedy: string;
  /** Line in the file, from 1, where it can be told. */
  line?: number;
}

/** Thrown by loadConfig with everything that is wrong, not only the first thing. */
export class ConfigError extends Error {
  readonly file: string;
  readonly problems: ConfigProblem[];

  constructor(file: string, problems: ConfigProblem[]) {
    super(`${file}: ${problems.length} problem(s)\n${problems.map(toLine).join("\n")}`);
    this.name = "ConfigError";
    this.file = file;
    this.problems = problems;
  }
}

function toLine({ path, reason, remedy, line }: ConfigProblem): string {
  const place = line === undefined ? "" : ` (line ${line})`;
  return `- ${path || "the file"}${place}: ${reason}. ${remedy}.`;
}
