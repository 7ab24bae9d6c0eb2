import { readFileSync } from "node:fs";
import type { Environment } from "./env.ts";

/**
 * Reads NAME, or the file that NAME_FILE names (how Docker and Kubernetes hand over secrets), without the line end.
 * Throws an error that names the variable when the file cannot be read. `onFile` is told of each file before it is read.
 */
export function createVariableReader(
  env: Environment,
  onFile: (path: string) => void = () => undefined,
): (name: string) => string | undefined {
  return (name) => {
    const value = env[name];
    const file = env[`${name}_FILE`];
    if (value || !file) return value;
    onFile(file);
    return readSecret(name, file);
  };
}

/** NAME_FILE is set but its file cannot be read. */
export class VariableFileError extends Error {
  constructor(name: string, code: string) {
    super(`the file that ${name}_FILE names cannot be read (${code})`);
    this.name = "VariableFileError";
  }
}

function readSecret(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new VariableFileError(name, code);
  }
}
