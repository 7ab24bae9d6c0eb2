import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { bundlePage } from "../scripts/playground-page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "deskferry-package-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const { files, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  files: string[];
  version: string;
};

/** What a package is made of: what package.json hands out, and what the build reads. */
const sources = [
  ...["package.json", "README.md", "LICENSE", "tsconfig.json", "tsconfig.build.json"],
  ...["scripts", "src", "connectors", "mappings", "templates", "schema"],
];

interface Circumstances {
  folder: string;
  umask: string;
  /** When the files were checked out. */
  at: Date;
}

/** Builds and packs a copy as the release does, and gives the package's path. */
function pack({ folder, umask, at }: Circumstances): string {
  const place = join(work, folder);
  mkdirSync(place, { recursive: true });
  for (const source of sources) cpSync(join(root, source), join(place, source), { recursive: true });
  utimesSync(join(place, "README.md"), at, at);
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  const commands = `umask ${umask} && node scripts/build.mjs && npm pack --ignore-scripts --loglevel=error`;
  const done = spawnSync("sh", ["-c", commands], { cwd: place, encoding: "utf8" });
  expect(done.stderr).toBe("");
  return join(place, `deskferry-${version}.tgz`);
}

const digest = (path: string) => createHash("sha512").update(readFileSync(path)).digest("hex");

describe("the package", () => {
  test("has the same bytes wherever, whenever and by whomever it is made", { timeout: 240_000 }, async () => {
    const ours = pack({ folder: "here", umask: "022", at: new Date("2026-11-21T12:00:00Z") });
    const theirs = pack({ folder: "some where/else", umask: "077", at: new Date("2020-02-29T23:59:59Z") });
    expect(digest(theirs)).toBe(digest(ours));

    const names = spawnSync("tar", ["tzf", ours], { encoding: "utf8" }).stdout.trim().split("\n");
    expect(names.length).toBeGreaterThan(300);
    for (const name of ["dist/src/main.js", "dist/src/store/append.lua", "dist/src/playground/page/main.js"])
      expect(names).toContain(`package/${name}`);
    // package.json, README and LICENSE are always in; everything else as `files` says, which begin with a folder each.
    const handedOut = files
      .filter((pattern) => !pattern.startsWith("!"))
      .map((pattern) => pattern.replaceAll("*", "[^/]+"));
    handedOut.push("package.json", "README.md", "LICENSE");
    const known = new RegExp(`^package/(${handedOut.join("|")})(/|$)`);
    expect(names.filter((name) => !known.test(name))).toEqual([]);
    expect(names.filter((name) => /^package\/connectors\/.*\.ts$/.test(name))).toEqual([]);
    expect(names.filter((name) => /\.test\.js$|\/\.|secret.*\.(key|pem)$|\.env/.test(name))).toEqual([]);

    const { stdout: licences } = spawnSync(
      "tar",
      ["xzOf", ours, "package/dist/src/playground/page/licences.txt"],
      {
        encoding: "utf8",
      },
    );
    const told = licences.split("\n---\n").map((part) => part.trim().split("\n")[0]);
    expect(told).toContain("@codemirror/state");
    expect(told).toEqual((await bundlePage()).packages);
    expect(licences.match(/Permission is hereby granted/g)?.length).toBe(told.length);
  });
});
