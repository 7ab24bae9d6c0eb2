import { readFileSync } from "node:fs";

/** A property as its interface declares it. */
export interface Property {
  /** `attachment.name` for one within an inline object. */
  path: string;
  isOptional: boolean;
  type: string;
  /** The comment above it, on one line. */
  about: string;
}

interface Declaration {
  /** Names of the interfaces that it extends. */
  parents: string[];
  about: string;
  properties: Property[];
}

/** An interface from its source, laid out as biome does. Throws when it is not there. */
export function readInterface(file: string, name: string): Declaration {
  const source = readFileSync(file, "utf8");
  const pattern = new RegExp(
    `(?:/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n)?(?:export )?interface ${name}( extends [^{]*)? \\{\\n([\\s\\S]*?)\\n\\}`,
  );
  const found = pattern.exec(source);
  if (!found) throw new Error(`${file} has no interface ${name}`);
  const [, comment = "", parents = "", body = ""] = found;
  return {
    parents: parents
      .replace(" extends ", "")
      .split(",")
      .map((parent) => parent.trim())
      .filter(Boolean),
    about: oneLine(comment),
    properties: propertiesOf(body, ""),
  };
}

/** Properties at one level of indentation, and those of inline objects below them. */
function propertiesOf(body: string, path: string): Property[] {
  const pattern = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?(\w+)(\?)?: (\{[^{}]*\}|[^;{]+);/g;
  return [...body.matchAll(pattern)].flatMap(([, comment = "", name = "", mark, type = ""]) => {
    const here = { path: `${path}${name}`, isOptional: mark === "?", about: oneLine(comment) };
    if (!type.startsWith("{")) return [{ ...here, type: oneLine(type) }];
    const inner = type.slice(1, -1).trim().replace(/;?$/, ";");
    return [{ ...here, type: "object" }, ...propertiesOf(inner, `${path}${name}.`)];
  });
}

function oneLine(text: string): string {
  return text
    .replace(/^\s*\*/gm, " ")
    .replace(/\s+/g, " ")
    .trim();
}
