import { resolve } from "node:path";
import { ensureBuilt } from "../../scripts/ensure-built.ts";

ensureBuilt();

/** What `node` has to be given to run `deskferry` as it is shipped: from the sources each start costs four times as much. */
export const commandLine: readonly string[] = [resolve("dist/src/main.js")];
