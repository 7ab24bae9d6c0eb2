import {
  barrels,
  budgets,
  builtins,
  bundledPackages,
  composers,
  emptyNames,
  environmentReaders,
  packageHomes,
  rooms,
} from "./architecture-rules.ts";

/** A file of the repository; `path` from its root, with `/`. */
export interface SourceFile {
  path: string;
  text: string;
}

interface Import {
  target: string;
  typesOnly: boolean;
}

/** Every breach of the rules, one line each, beginning with the path. */
export function findViolations(files: readonly SourceFile[]): string[] {
  const code = files.filter((file) => /\.(ts|mjs)$/.test(file.path));
  const product = code.filter((file) => /^(src|connectors)\//.test(file.path));
  return [
    ...files.flatMap(checkName),
    ...code.flatMap(checkLength),
    ...product.flatMap((file) => [
      ...importsOf(file.text).flatMap((one) => checkImport(file.path, one)),
      ...checkText(file),
    ]),
  ];
}

/** Room of a path: `src/app.ts` is "app", `src/store/links.ts` is "store", `connectors/x/index.ts` is "connectors". */
export function roomOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" ? second.replace(/\.ts$/, "") : top;
}

/** Statements at the start of a line and dynamic imports; comments do not count. */
export function importsOf(text: string): Import[] {
  const code = text.replace(/^\s*(\/\/|\/?\*).*$/gm, "");
  const statements = code.matchAll(/^(?:import|export)(\s+type)?\s([^"';]*?)\bfrom\s*"([^"]+)"/gm);
  const named = [...statements].map(([, type, names = "", target = ""]) => ({
    target,
    typesOnly: type !== undefined || hasOnlyTypes(names),
  }));
  const rest = [...code.matchAll(/^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm)];
  return [
    ...named,
    ...rest.map(([, effect, dynamic]) => ({ target: effect ?? dynamic ?? "", typesOnly: false })),
  ];
}

function hasOnlyTypes(names: string): boolean {
  const list = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]?.split(",") ?? [""];
  const written = list.map((name) => name.trim()).filter((name) => name !== "");
  return written.length > 0 && written.every((name) => name.startsWith("type "));
}

function checkImport(path: string, { target, typesOnly }: Import): string[] {
  if (target.startsWith("node:")) return checkBuiltin(path, target);
  if (target.startsWith(".")) return checkRoom(path, resolve(path, target), typesOnly);
  if (target.startsWith("deskferry/sdk")) return checkRoom(path, "src/sdk/index.ts", typesOnly);
  return checkPackage(path, target);
}

function checkBuiltin(path: string, target: string): string[] {
  const allowed = builtins[roomOf(path)];
  if (!allowed || allowed.includes(target)) return [];
  return [`${path}: ${target} is input or output, which ${roomOf(path)} leaves to others`];
}

function checkPackage(path: string, target: string): string[] {
  const name = target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");
  const homes = packageHomes[name] ?? bundledPackages[name];
  if (!homes) return [`${path}: package ${name} has no home; add it to packageHomes`];
  if (homes.some((home) => path === home || (home.endsWith("/") && path.startsWith(home)))) return [];
  return [`${path}: package ${name} belongs to ${homes.join(", ")}`];
}

function checkRoom(path: string, target: string, typesOnly: boolean): string[] {
  const from = roomOf(path);
  const to = roomOf(target);
  if (composers.includes(from)) return [];
  if (from === to) return checkPlugin(path, target);
  const rule = rooms[from];
  if (!rule) return [`${path}: ${from} is not a room; add it to the table`];
  if (!rule.imports.includes(to)) return [`${path}: ${from} may not import ${to} (${target})`];
  const isError = target === "src/sdk/errors.ts";
  if (!typesOnly && rule.typesOnly?.includes(to) && !isError)
    return [`${path}: ${from} may import types only from ${to} (${target})`];
  return from === "connectors" && !target.startsWith("src/sdk/index")
    ? [`${path}: a connector imports "deskferry/sdk", as an outside one would (${target})`]
    : [];
}

/** The Cloud API's formats are WhatsApp's own: partners hand them on whole or in part. No plugin, but what plugins share. */
const cloudApi = "src/channels/cloud-api/";

/** A plugin keeps to its own folder; only the registry beside the folders knows them all. */
function checkPlugin(path: string, target: string): string[] {
  const folder = /^(src\/channels|connectors)\/[^/]+\//.exec(path)?.[0];
  if (!folder || target.startsWith(folder)) return [];
  if (folder.startsWith("src/channels/") && target.startsWith(cloudApi)) return [];
  return [`${path}: a plugin may not import its neighbour (${target})`];
}

function resolve(path: string, target: string): string {
  return new URL(target, `file:///${path}`).pathname.slice(1);
}

function checkText({ path, text }: SourceFile): string[] {
  const found: string[] = [];
  if (/\bprocess\s*\.\s*env\b/.test(text) && !environmentReaders.includes(path))
    found.push(`${path}: only ${environmentReaders.join(", ")} reads process.env`);
  if (/^export\s[^"';]*?\bfrom\s*"/m.test(text) && !barrels.includes(path))
    found.push(`${path}: re-exports; import from where it is made`);
  if (/^export default\b/m.test(text) && !isPluginEntry(path))
    found.push(`${path}: default export; only a plugin's index.ts has one`);
  if (roomOf(path) === "domain" && /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/.test(text))
    found.push(`${path}: domain has no clock and no chance; take the value as a parameter`);
  return found;
}

function isPluginEntry(path: string): boolean {
  return /^(src\/channels|connectors)\/[^/]+\/index\.ts$/.test(path);
}

function checkName({ path }: SourceFile): string[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const found: string[] = [];
  // An add-on for the helpdesk itself is named as the helpdesk wants it.
  if (/^connectors\/[^/]+\/package\//.test(path)) return found;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name))
    found.push(`${path}: the name is not kebab-case`);
  const stem = name.split(".")[0] ?? "";
  const folders = path.split("/").slice(0, -1);
  // `base.css` and the like are customary; for code they say nothing.
  const parts = /\.(ts|mjs)$/.test(name) ? [stem, ...folders] : folders;
  if (parts.some((part) => emptyNames.has(part)))
    found.push(`${path}: the name says nothing of what is inside`);
  if (/^index\.(ts|mjs)$/.test(name) && !barrels.includes(path) && !isPluginEntry(path))
    found.push(`${path}: index.ts is for the sdk and for plugins' entries`);
  return found;
}

function checkLength({ path, text }: SourceFile): string[] {
  const limit = path.startsWith("test/") ? budgets.test : budgets.source;
  const lines = linesOf(text);
  return lines > limit ? [`${path}: ${lines} lines, at most ${limit}`] : [];
}

export function linesOf(text: string): number {
  return text.split("\n").length - 1;
}
