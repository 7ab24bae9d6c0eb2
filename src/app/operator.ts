import { userInfo } from "node:os";

/** Who runs the command, as the audit log names them: the operating system's user. */
export function operator(): string {
  try {
    return `user:${userInfo().username}`;
  } catch {
    // In a container the user may have a number only.
    return `user:${process.getuid?.() ?? "unknown"}`;
  }
}
