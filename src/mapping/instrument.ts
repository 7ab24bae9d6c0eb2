import type { Branch, Coverage } from "./protocol.ts";

/**
 * Lets a compiled mapping tell which of its branches were taken: the properties through which JSONata reaches a branch
 * become getters. Nothing is added to the tree, so that it evaluates as it does in production.
 */
export function instrument(ast: unknown, source: string): () => Coverage {
  const branches = new Map<string, Branch>();
  const nodes = nodesOf(ast);
  const readsMessage = nodes.some((node) => node["type"] === "name" && node["value"] === "message");
  for (const node of nodes) {
    for (const { of, property, position, what } of branchesOf(node, source)) {
      // JSONata copies what stands before ?: and ??, so that a branch in there exists twice.
      const key = `${position} ${what}`;
      const branch = branches.get(key) ?? { position, what, taken: false };
      branches.set(key, branch);
      watch(of, property, branch);
    }
  }
  const forget = () => {
    for (const branch of branches.values()) branch.taken = false;
  };
  // What was watched already may have been looked at above.
  forget();
  return () => {
    const seen = [...branches.values()].map((branch) => ({ ...branch }));
    forget();
    return { branches: seen, readsMessage };
  };
}

interface Way {
  of: Node;
  property: string;
  position: number;
  what: Branch["what"];
}

/** The ways that lead on from a node. JSONata's positions are those after the operator. */
function branchesOf(node: Node, source: string): Way[] {
  const end = Number(node["position"] ?? 0);
  switch (node["type"]) {
    case "condition": {
      const isDefault = /\?[?:]$/.test(source.slice(0, end));
      const position = end - (isDefault ? 2 : 1);
      return [
        { of: node, property: "then", position, what: isDefault ? "value" : "then" },
        { of: node, property: "else", position, what: isDefault ? "default" : "else" },
      ];
    }
    case "binary": {
      const operator = node["value"];
      if (operator !== "and" && operator !== "or") return [];
      return [{ of: node, property: "rhs", position: end - operator.length, what: "right side" }];
    }
    case "lambda": {
      const body = node["body"];
      // What JSONata makes by itself, to save stack, is no function of the author's.
      if (node["thunk"] === true || !isNode(body)) return [];
      // A function is made whenever the code around it runs; only a call looks at the type of its body.
      return [{ of: body, property: "type", position: end - 1, what: "function" }];
    }
    default:
      return [];
  }
}

function watch(node: Node, property: string, branch: Branch): void {
  const value: unknown = node[property];
  Object.defineProperty(node, property, {
    enumerable: true,
    get: () => {
      branch.taken = true;
      return value;
    },
  });
}

type Node = Record<string, unknown>;

/** All of the tree, before anything in it is changed. */
function nodesOf(ast: unknown): Node[] {
  const waiting: unknown[] = [ast];
  const seen = new Set<Node>();
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (!isNode(node) || seen.has(node)) continue;
    seen.add(node);
    waiting.push(...Object.values(node));
  }
  return [...seen];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}
