/** The variables a program was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place that reads process.env. */
export function environment(): Environment {
  return process.env;
}
