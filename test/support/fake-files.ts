import { writeFile } from "node:fs/promises";
import type { Connector } from "../../src/sdk/connector.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import type { TestClock } from "./clock.ts";
import { createScript, type Script } from "./scripted.ts";

/** Files of replies in a helpdesk in memory, by id. Call `fetchAttachment` is scripted by this name. */
export interface FakeFiles {
  connector: Pick<Connector, "fetchAttachment">;
  script: Script;
  files: Map<string, Buffer>;
}

export function createFakeFiles({ clock }: { clock: TestClock }): FakeFiles {
  const script = createScript(clock);
  const files: FakeFiles["files"] = new Map();
  return {
    script,
    files,
    connector: {
      fetchAttachment: ({ id }, { path, maxBytes }) =>
        script.play("fetchAttachment", async () => {
          const bytes = files.get(id);
          if (!bytes) throw refused("not_found", 404);
          if (bytes.length > maxBytes) throw refused("rejected", "too_large");
          await writeFile(path, bytes);
          return { mimeType: "application/octet-stream", size: bytes.length };
        }),
    },
  };
}

function refused(kind: "not_found" | "rejected", code: string | number): PluginError {
  return new PluginError({ kind, code, operatorMessage: `fetch file: ${code}` });
}
