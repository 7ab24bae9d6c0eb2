// Plain Node, no dependencies: runs before there are any.
// node scripts/with-dependencies.mjs SCRIPT ARGS…: installs what package-lock.json names, if need be, then runs SCRIPT.
import { spawn, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Milliseconds since 1970, or 0 when there is no such file. */
function changedAt(...path) {
  return statSync(join(root, ...path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function demandNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Deskferry needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

function installDependencies() {
  // npm writes this file last, so a broken installation is not taken for a whole one.
  const installed = changedAt("node_modules", ".package-lock.json");
  if (installed !== 0 && installed >= changedAt("package-lock.json")) return;
  console.error(
    `${installed === 0 ? "Installing" : "Renewing"} dependencies (npm ci), about half a minute …`,
  );
  const started = Date.now();
  const npm = process.env["npm_execpath"];
  const [program, ...args] = npm?.endsWith("npm-cli.js") ? [process.execPath, npm] : ["npm"];
  // npm's own lines go to stderr: stdout belongs to SCRIPT.
  const done = spawnSync(program, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=warn"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    // A production setting of the shell must not leave out the tools that SCRIPT is run with.
    env: { ...process.env, NODE_ENV: "development" },
  });
  if (done.status !== 0) {
    console.error("npm ci failed; its reason stands above.");
    process.exit(1);
  }
  console.error(`Dependencies are installed (${Math.round((Date.now() - started) / 1000)} s).`);
}

function run(script, args) {
  // tsx is found from here, wherever this was called.
  const tsx = import.meta.resolve("tsx");
  const child = spawn(process.execPath, ["--conditions=source", "--import", tsx, resolve(script), ...args], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal sends Ctrl-C to the child by itself; twice would look like impatience.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1));
  });
}

const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error("usage: node scripts/with-dependencies.mjs SCRIPT ARGS…");
  process.exit(2);
}
demandNode();
installDependencies();
run(script, args);
