import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import type { Plugins } from "../config/plugins.ts";
import { redactConfig } from "../config/redact.ts";
import type { Config } from "../config/schema.ts";
import { digest } from "../domain/digest.ts";
import type { Audit } from "./audit.ts";
import type { Parts } from "./parts.ts";
import { packaged } from "./scaffold-files.ts";

export interface ProcessEntriesOptions {
  config: Config;
  plugins: Plugins;
  role: "all" | "intake" | "worker";
  parts: Pick<Parts, "routes" | "mapper">;
  audit: Audit;
}

/** A Redis that does not answer must not keep a process from ending. */
const STOP_MS = 1000;

/** What the audit log has of a process: what it began with, and that it ended. One that is killed writes no end. */
export function processEntries({ config, plugins, role, parts, audit }: ProcessEntriesOptions) {
  const channels = Object.keys(config.channels);
  const host = hostname();
  return {
    /** With the settings in force, secrets masked, as a digest; and for each channel the versions of its mapping. */
    async started(): Promise<void> {
      const settings = digest(JSON.stringify(redactConfig(config, plugins)));
      const version = await ownVersion();
      for (const channel of channels) {
        const mapping = parts.mapper.versions(parts.routes.get(channel)?.mapping ?? "");
        const detail = { role, version, host, settings, ...(mapping ? { mapping } : {}) };
        await audit.note([channel], { what: "process.started", detail });
      }
    },
    async stopped(): Promise<void> {
      const written = audit.note(channels, { what: "process.stopped", detail: { role, host } });
      await Promise.race([written, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    },
  };
}

async function ownVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(await packaged("package.json"), "utf8")) as { version: string };
  return manifest.version;
}
