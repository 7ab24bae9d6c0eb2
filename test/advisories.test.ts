import { expect, test } from "vitest";
import { readAdvisories, weaknesses } from "./support/advisories.ts";
import { packageName, readLockedPackages } from "./support/lock-file.ts";

const advisories = readAdvisories();
const packages = readLockedPackages();
const version = /^\d+\.\d+\.\d+$/;

test("no installed version is one that an advisory names", () => {
  expect(weaknesses(packages, advisories)).toEqual([]);
});

test.each(advisories)(
  "$id is told of $package from $from on, before $fixed",
  ({ package: name, from, fixed, id }) => {
    const told = (installed: string) =>
      weaknesses({ [`node_modules/a/node_modules/${name}`]: { version: installed } }, advisories)
        .join()
        .includes(id);
    expect([told(from), told(`${fixed}-rc.1`), told(fixed), told("999.0.0")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  },
);

test("each advisory has its id once, a range, and the place where it was read", () => {
  expect(advisories.length).toBeGreaterThan(20);
  expect(new Set(advisories.map(({ id }) => id)).size).toBe(advisories.length);
  for (const { id, from, fixed, readIn } of advisories) {
    expect(id).toMatch(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/);
    expect([from, fixed], id).toEqual([expect.stringMatching(version), expect.stringMatching(version)]);
    expect(readIn, id).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(issues|pull)\/\d+$/);
  }
});

test("the list speaks of packages that we have: another one's advisories are noise", () => {
  const installed = new Set(Object.keys(packages).map(packageName));
  expect(advisories.map(({ package: name }) => name).filter((name) => !installed.has(name))).toEqual([]);
});
