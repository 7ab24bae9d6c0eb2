import { ScaffoldError } from "./scaffold-files.ts";

/** A line of connectors/registry.ts, with the connector's name. */
const LINE = /^ {2}"?([a-z0-9-]+)"?: \(\) => import\(.*\),$/;

/** The registry's text with one line more, in the order of names. */
export function addToRegistry(text: string, name: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => LINE.test(line));
  if (first < 0) throw new ScaffoldError("connectors/registry.ts has no line to add to. Add one by hand");
  const nameOf = (line: string) => LINE.exec(line)?.[1];
  const entries = lines.slice(first).findIndex((line) => !LINE.test(line));
  const behind = lines.slice(first, first + entries).findIndex((line) => (nameOf(line) ?? "") > name);
  const key = /^[a-z0-9]+$/.test(name) ? name : `"${name}"`;
  lines.splice(first + (behind < 0 ? entries : behind), 0, `  ${key}: () => import("./${name}/index.ts"),`);
  return lines.join("\n");
}
