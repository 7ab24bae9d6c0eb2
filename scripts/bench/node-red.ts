import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claimPort } from "../claim-port.ts";
import type { Peer } from "./whole-path.ts";

const VERSION = "4.1.15";
const READY_MS = 60_000;

/**
 * Node-RED with the flow of `synchronous-flow.ts`: two JSONata mappings, two HTTP requests, then the answer. It checks no
 * signature, which makes it faster. Installed from npm into a scratch folder that goes with it.
 */
export async function startNodeRed(deskUrl: string, say: (line: string) => void): Promise<Peer> {
  const folder = mkdtempSync(path.join(tmpdir(), "deskferry-node-red-"));
  install(folder, say);
  const port = await claimPort();
  const user = path.join(folder, "user");
  mkdirSync(user);
  writeFileSync(path.join(user, "flows.json"), JSON.stringify(flowsFor(deskUrl)));
  writeFileSync(path.join(user, "settings.js"), `module.exports = ${JSON.stringify(settingsFor(port))};\n`);
  const program = path.join(folder, "node_modules/node-red/red.js");
  const child = spawn(process.execPath, [program, "--userDir", user, "flows.json"], { stdio: "ignore" });
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(port);
  } catch (error) {
    stop();
    throw error;
  }
  return { name: `Node-RED ${VERSION}`, port, path: "/webhook", pid: child.pid ?? 0, stop };
}

function install(folder: string, say: (line: string) => void): void {
  say(`installing node-red ${VERSION} into ${folder}`);
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true }));
  const options = ["--no-audit", "--no-fund", "--ignore-scripts"];
  const done = spawnSync("npm", ["install", `node-red@${VERSION}`, ...options], {
    cwd: folder,
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(`node-red could not be installed:\n${done.stderr}`);
}

function settingsFor(uiPort: number) {
  return {
    uiHost: "127.0.0.1",
    uiPort,
    httpAdminRoot: false,
    flowFile: "flows.json",
    logging: { console: { level: "fatal", metrics: false, audit: false } },
    telemetry: { enabled: false },
  };
}

const CONTACT = `(
  $contact := payload.entry[0].changes[0].value.contacts[0];
  $name := $trim($substring($contact.profile.name, 0, 100));
  { "name": $name ? $name : $contact.wa_id, "phone": "+" & $contact.wa_id, "external_id": $contact.user_id }
)`;
const TICKET = `(
  $message := body.entry[0].changes[0].value.messages[0];
  $quote := $message.context.id ? "[In reply to an earlier message]";
  $forwarded := $message.context.forwarded ? "[Forwarded]";
  {
    "subject": $substring($replace($message.text.body, /\\s+/, " "), 0, 80),
    "body": $join([$quote, $forwarded, $substring($message.text.body, 0, 20000)], "\\n"),
    "visibility": $message.type in ["system", "welcome"] ? "internal" : "public",
    "external_id": $message.id,
    "tags": ["whatsapp"],
    "contact_id": payload.id
  }
)`;

/** The nodes in a row, as the editor writes them. */
function flowsFor(deskUrl: string) {
  const set = (id: string, rules: object[], next: string) => ({
    id,
    z: "flow",
    type: "change",
    rules,
    wires: [[next]],
  });
  const ask = (id: string, method: string, url: string, next: string) => ({
    ...{ id, z: "flow", type: "http request", method, ret: "obj", paytoqs: "ignore", url, persist: true },
    ...{ headers: [], wires: [[next]] },
  });
  const rule = (p: string, to: string, tot: string) => ({ t: "set", p, pt: "msg", to, tot });
  return [
    { id: "flow", type: "tab", label: "webhook" },
    {
      id: "in",
      z: "flow",
      type: "http in",
      url: "/webhook",
      method: "post",
      upload: false,
      wires: [["contact"]],
    },
    set("contact", [rule("body", "payload", "msg"), rule("payload", CONTACT, "jsonata")], "save"),
    ask("save", "PUT", `${deskUrl}/api/contacts`, "ticket"),
    set("ticket", [rule("payload", TICKET, "jsonata")], "create"),
    ask("create", "POST", `${deskUrl}/api/tickets`, "done"),
    set("done", [rule("statusCode", "200", "num"), rule("headers", "{}", "json")], "out"),
    { id: "out", z: "flow", type: "http response", wires: [] },
  ];
}

/** Until it knows the address of the flow: Node-RED answers before it has its flows. */
async function untilReady(port: number): Promise<void> {
  const ends = performance.now() + READY_MS;
  while (performance.now() < ends) {
    const options = { method: "OPTIONS" };
    const answer = await fetch(`http://127.0.0.1:${port}/webhook`, options).catch(() => undefined);
    if (answer && answer.status !== 404) return;
    await sleep(200);
  }
  throw new Error("Node-RED did not become ready");
}
