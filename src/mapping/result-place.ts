/** A node of JSONata's syntax tree, as far as it is looked at here. */
interface Node {
  type?: string;
  position?: number;
  expressions?: Node[];
}

/** Offset of what makes the result: the last expression of a block. */
export function positionOfResult(ast: unknown): number | undefined {
  let node = ast as Node;
  while (node.type === "block" && node.expressions?.length) node = node.expressions.at(-1) ?? node;
  return firstPosition(node);
}

/** Some nodes, such as paths, have no position themselves; what they begin with has. */
function firstPosition(node: unknown): number | undefined {
  let level = [node];
  for (let looks = 0; looks < 10 && level.length > 0; looks += 1) {
    const objects = level.filter((item) => typeof item === "object" && item !== null);
    const found = objects.find((item) => typeof (item as Node).position === "number") as Node | undefined;
    if (found) return found.position;
    level = objects.flatMap((item) => Object.values(item as object)).slice(0, 100);
  }
  return undefined;
}

/** The way from `root` to the key of `holder`, an object somewhere inside it. */
export function pathTo(root: unknown, holder: object, key: string): PropertyKey[] {
  const from = new Map<object, { parent: object; key: PropertyKey } | undefined>();
  const waiting: object[] = [];
  const visit = (value: unknown, step?: { parent: object; key: PropertyKey }): void => {
    if (typeof value !== "object" || value === null || from.has(value)) return;
    from.set(value, step);
    waiting.push(value);
  };
  visit(root);
  for (let parent = waiting.pop(); parent && !from.has(holder); parent = waiting.pop()) {
    for (const [name, value] of Object.entries(parent)) {
      visit(value, { parent, key: Array.isArray(parent) ? Number(name) : name });
    }
  }
  const path: PropertyKey[] = [Array.isArray(holder) ? Number(key) : key];
  for (let step = from.get(holder); step; step = from.get(step.parent)) path.unshift(step.key);
  return path;
}
