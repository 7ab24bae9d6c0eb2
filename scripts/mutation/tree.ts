import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** The files of the repository as they are now, new ones too, what git ignores left out. */
export function filesOf(root: string): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 1e8 }).split("\0");
  return listed.filter((path) => path !== "" && existsSync(join(root, path)));
}

/** A copy to be changed: whoever works on the original, or edits it meanwhile, is not disturbed. */
export function copyTree(root: string, to: string): string[] {
  rmSync(to, { recursive: true, force: true });
  const files = filesOf(root);
  for (const path of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), readFileSync(join(root, path)));
  }
  symlinkSync(realpathSync(join(root, "node_modules")), join(to, "node_modules"));
  return files;
}
