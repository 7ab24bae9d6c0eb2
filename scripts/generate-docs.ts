import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectors } from "../connectors/registry.ts";
import { channelTypes } from "../src/channels/registry.ts";
import { describeSettings } from "../src/config/describe.ts";
import { configJsonSchema } from "../src/config/json-schema.ts";
import type { Plugins } from "../src/config/plugins.ts";
import { describeConnectors } from "./describe-connectors.ts";
import { describeMappingFunctions } from "./describe-mapping-functions.ts";
import { describeMappingInput } from "./describe-mapping-input.ts";
import { describeMappingRecords } from "./describe-mapping-records.ts";
import { describeMappingSamples } from "./describe-mapping-samples.ts";
import { describeSending } from "./describe-sending.ts";
import { describeWhatsappErrors } from "./describe-whatsapp-errors.ts";

/**
 * Writes what is generated from the sources; `--check` only compares and exits with 1 when a file is out of date.
 * `--root <folder>` is where to write, for tests.
 */
const generated: Record<string, (plugins: Plugins) => string> = {
  "docs/reference/connectors.md": describeConnectors,
  "docs/reference/sending.md": describeSending,
  "docs/reference/mapping-functions.md": describeMappingFunctions,
  "docs/reference/mapping-input.md": describeMappingInput,
  "docs/reference/mapping-records.md": describeMappingRecords,
  "docs/reference/mapping-samples.md": describeMappingSamples,
  "docs/reference/settings.md": describeSettings,
  "docs/reference/whatsapp-errors.md": describeWhatsappErrors,
  "schema/deskferry.schema.json": (plugins) => `${JSON.stringify(configJsonSchema(plugins), null, 2)}\n`,
};

const rootAt = process.argv.indexOf("--root");
const root = rootAt < 0 ? "." : (process.argv[rootAt + 1] ?? ".");
const outdated = new Set<string>();
const plugins = await allPlugins();

for (const [file, generate] of Object.entries(generated)) {
  const path = join(root, file);
  const text = generate(plugins);
  if (read(path) === text) continue;
  outdated.add(file);
  if (process.argv.includes("--check")) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (process.argv.includes("--check") && outdated.size > 0) {
  console.error(`Out of date: ${[...outdated].join(", ")}. Run: npm run docs`);
  process.exitCode = 1;
} else {
  console.log(`${Object.keys(generated).length} generated files, ${outdated.size} changed.`);
}

async function allPlugins(): Promise<Plugins> {
  const loaded: Plugins["connectors"] = {};
  for (const [name, load] of Object.entries(connectors)) loaded[name] = (await load()).default;
  return { channelTypes, connectors: loaded };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
