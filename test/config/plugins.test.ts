import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connectors } from "../../connectors/registry.ts";
import { channelTypes } from "../../src/channels/registry.ts";
import { loadPlugins } from "../../src/config/plugins.ts";

const root = mkdtempSync(join(tmpdir(), "plugins-"));
afterAll(() => rmSync(root, { recursive: true }));

const plugin = `export default {
  name: "acme", label: "Acme", config: { safeParse: () => ({ success: true }) }, create: () => ({}),
};`;
writeFileSync(join(root, "acme.mjs"), plugin);
writeFileSync(join(root, "empty.mjs"), "export const acme = 1;");
writeFileSync(join(root, "broken.mjs"), `throw new Error("no licence");`);
const packageFolder = join(root, "node_modules", "deskferry-connector-acme");
mkdirSync(packageFolder, { recursive: true });
writeFileSync(
  join(packageFolder, "package.json"),
  `{"name": "deskferry-connector-acme", "main": "main.mjs"}`,
);
writeFileSync(join(packageFolder, "main.mjs"), plugin);

function load(connections: string[], channels = ["meta"]) {
  const file = join(root, "deskferry.yaml");
  const list = (key: string, names: string[]) =>
    names.map((name, i) => `  c${i}: { ${key}: ${name} }`).join("\n");
  writeFileSync(file, `channels:\n${list("type", channels)}\nconnections:\n${list("use", connections)}\n`);
  return loadPlugins(file, { channelTypes, connectors, import: (name) => import(name) }, { DESK: "sandbox" });
}

test("loads our own plugins by name, also by a variable, and only those in use", async () => {
  const plugins = await load(["sandbox", `"\${DESK}"`]);
  expect(Object.keys(plugins.channelTypes)).toEqual(["meta"]);
  expect(Object.keys(plugins.connectors)).toEqual(["sandbox"]);
  expect(plugins.connectors["sandbox"]?.label).toBe("Sandbox helpdesk");
  expect(plugins.problems).toEqual([]);
});

test("loads a plugin from a file beside the settings and from a package installed there", async () => {
  const plugins = await load(["./acme.mjs", "deskferry-connector-acme"], ["./acme.mjs"]);
  expect(plugins.problems).toEqual([]);
  expect(plugins.connectors["./acme.mjs"]?.name).toBe("acme");
  expect(plugins.connectors["deskferry-connector-acme"]?.name).toBe("acme");
  expect(plugins.channelTypes["./acme.mjs"]?.name).toBe("acme");
});

test("reports every plugin that cannot be loaded, with line, reason and remedy", async () => {
  const { problems } = await load(["request-traker", "./none.mjs", "./empty.mjs", "./broken.mjs"], ["metta"]);
  expect(problems?.map(({ path, line, reason, remedy }) => `${line} ${path}: ${reason}. ${remedy}`)).toEqual([
    '2 channels.c0.type: there is neither a plugin nor a package metta. Did you mean "meta"?',
    '4 connections.c0.use: there is neither a plugin nor a package request-traker. Did you mean "request-tracker"?',
    "5 connections.c1.use: there is no file ./none.mjs. The path starts at the folder of this file",
    "6 connections.c2.use: ./empty.mjs is not a plugin. Its default export must come from defineConnector or defineChannel",
    "7 connections.c3.use: the plugin ./broken.mjs fails to load (no licence). Repair or rebuild the plugin",
  ]);
});

test.each(["./none.mjs", "../none.mjs", "/nowhere/none.mjs"])(
  "%s is a path: what is missing is a file, and where paths begin is told",
  async (name) => {
    const { problems } = await load([name]);
    expect(problems).toMatchObject([
      { reason: `there is no file ${name}`, remedy: "The path starts at the folder of this file" },
    ]);
  },
);

test.each(["none", "a/none", ".none/x", "deskferry-connector-none"])(
  "%s is a name: what is missing is a plugin or a package",
  async (name) => {
    const { problems } = await load([name]);
    expect(problems?.[0]?.reason).toBe(`there is neither a plugin nor a package ${name}`);
  },
);

test("every folder of a plugin is in its registry under its own name", async () => {
  for (const [name, load] of Object.entries(connectors)) expect((await load()).default.name).toBe(name);
  for (const [name, definition] of Object.entries(channelTypes)) expect(definition.name).toBe(name);
});
