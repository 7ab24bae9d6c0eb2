import { describe, expect, test } from "vitest";
import { syncedIn } from "../../scripts/reliability/synced-bytes.ts";

const FILE = "/tmp/r/appendonlydir/appendonly.aof.1.incr.aof";
const synced = (...lines: string[]) => syncedIn(lines.join("\n"), FILE, 100);

describe("what strace saw written and synced", () => {
  test("counts a write once a sync after it has ended", () => {
    const write = `71 write(8<${FILE}>, ""..., 30) = 30`;
    expect(synced(write)).toBe(100);
    expect(synced(write, `71 fdatasync(8<${FILE}>) = 0`)).toBe(130);
    expect(synced(write, `71 fdatasync(8<${FILE}>) = 0`, write)).toBe(130);
  });

  test("not what was written while the sync ran, in another thread", () => {
    const lines = [
      `71 write(8<${FILE}>, ""..., 30) = 30`,
      `74 fdatasync(8<${FILE}> <unfinished ...>`,
      `71 write(8<${FILE}>, ""..., 5 <unfinished ...>`,
      "71 <... write resumed>) = 5",
    ];
    expect(synced(...lines)).toBe(100);
    expect(synced(...lines, "74 <... fdatasync resumed>) = 0")).toBe(130);
    expect(synced(...lines, "74 <... fdatasync resumed>) = 0", `74 fdatasync(8<${FILE}>) = 0`)).toBe(135);
  });

  test("nothing of other files, and nothing that failed", () => {
    const write = `71 write(8<${FILE}>, ""..., 30) = 30`;
    expect(synced(write, "71 fdatasync(9</tmp/other>) = 0")).toBe(100);
    expect(synced('71 write(9</tmp/other>, ""..., 7) = 7', `71 fsync(8<${FILE}>) = 0`)).toBe(100);
    expect(synced(write, `71 fdatasync(8<${FILE}>) = -1 EIO (Input/output error)`)).toBe(100);
  });
});
