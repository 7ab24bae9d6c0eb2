import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundlePage } from "./playground-page.mjs";

/**
 * `npm run -s sbom`: prints a bill of materials of what is shipped, as CycloneDX 1.5 (cyclonedx.org/docs/1.5/json): npm's own,
 * made from package-lock.json without a network, and of it what is installed in production or bundled into the playground's
 * page. We choose ourselves because `npm sbom --omit=dev` leaves out what development wants too (npm 11.19: 41 packages, zod
 * among them). Time and random number are left out, so that one lock file and one npm make the same bytes everywhere.
 */
const root = fileURLToPath(new URL("..", import.meta.url));

/** The fields that we touch; the others pass through. */
interface Bill {
  serialNumber: string;
  metadata: { timestamp?: string; component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

interface Component {
  "bom-ref": string;
  name: string;
  type: string;
}

function npmBill(): Bill {
  const args = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--loglevel=error"];
  const npm = spawnSync("npm", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (npm.status !== 0) throw new Error(`npm sbom failed:\n${npm.stderr}`);
  return JSON.parse(npm.stdout) as Bill;
}

/** What is shipped as `name@version`, npm's `bom-ref`. */
async function shippedRefs(): Promise<Set<string>> {
  const { packages: bundled } = await bundlePage();
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8")) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  const refs = new Set<string>();
  for (const [path, { version, dev }] of Object.entries(packages)) {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (path !== "" && (!dev || bundled.includes(name))) refs.add(`${name}@${version}`);
  }
  return refs;
}

/** The chosen components, and the links between them. */
function only(bill: Bill, refs: ReadonlySet<string>): Bill {
  const chosen = new Set([bill.metadata.component["bom-ref"], ...refs]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => chosen.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => chosen.has(other)) }));
  return { ...bill, components: bill.components.filter((one) => refs.has(one["bom-ref"])), dependencies };
}

/** npm names us by the folder, and every bill by the minute. */
function reproducible(bill: Bill): Bill {
  const { name } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { name: string };
  const { timestamp: _, ...metadata } = bill.metadata;
  const component = { ...metadata.component, name, type: "application" };
  const same = { ...bill, metadata: { ...metadata, component } };
  return { ...same, serialNumber: `urn:uuid:${uuidOf(JSON.stringify({ ...same, serialNumber: "" }))}` };
}

/** A UUID of the kind made from a hash (RFC 9562, version 8). */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const bill = reproducible(only(npmBill(), await shippedRefs()));
console.log(JSON.stringify(bill, null, 2));
