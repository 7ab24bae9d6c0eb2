import { readdirSync, watch } from "node:fs";
import { join } from "node:path";

/** Editors write a file in several steps. */
const QUIET_MS = 100;
/** A terminal in raw mode sends it as a character. */
const CTRL_C = "\u0003";

/**
 * Runs again after each change below the folders, one run at a time. Resolves when the person at the keyboard presses q or
 * Ctrl-C, or the standard input says q.
 */
export async function watchFolders(folders: string[], run: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(async () => {
        process.stdout.write("\n");
        await run();
        tell();
      });
    }, QUIET_MS);
  };
  // One watch for each folder counts at once; a recursive one, on Linux, only after a while.
  const watchers = folders.flatMap(withSubfolders).map((folder) =>
    watch(folder, (_event, name) => {
      if (name === null || /\.(jsonata|json|csv|ya?ml)$/.test(name)) again();
    }),
  );
  tell();
  await endOfInterest();
  clearTimeout(timer);
  for (const watcher of watchers) watcher.close();
  await running;
}

function withSubfolders(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return [
    folder,
    ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)),
  ];
}

function tell(): void {
  process.stdout.write("Waiting for changes; q ends.\n");
}

function endOfInterest(): Promise<void> {
  const { stdin } = process;
  return new Promise((resolve) => {
    const end = () => {
      if (stdin.isTTY) stdin.setRawMode(false);
      // Paused only, it would keep the program alive.
      stdin.destroy();
      resolve();
    };
    const onKey = (data: Buffer) => {
      if (["q", "Q", CTRL_C].some((key) => data.toString().includes(key))) end();
    };
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on("data", onKey);
    process.once("SIGINT", end);
  });
}
