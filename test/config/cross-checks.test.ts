import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crossCheck } from "../../src/config/cross-checks.ts";

const root = mkdtempSync(join(tmpdir(), "cross-"));
const file = join(root, "deskferry.yaml");
const redis = { url: "redis://h" };

beforeAll(() => {
  for (const [folder, kinds] of Object.entries({
    whole: ["contact", "ticket", "comment"],
    half: ["ticket"],
  })) {
    mkdirSync(join(root, folder));
    for (const kind of kinds) writeFileSync(join(root, folder, `${kind}.jsonata`), "");
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const route = { channel: "city", connection: "desk", mapping: "whole" };
const settings = { redis, channels: { city: {} }, connections: { desk: {} }, routes: [route] };
const findingsOf = (parts: object) => crossCheck(file, { ...settings, ...parts });

test("settings whose names all lead somewhere are let through", () => {
  expect(findingsOf({})).toEqual([]);
});

describe("what leads nowhere is named with the remedy", () => {
  test.each([
    [
      { routes: [route, { ...route, channel: "ctiy" }] },
      ["routes", 1, "channel"],
      'there is no channel called "ctiy"',
      expect.stringContaining("city"),
    ],
    [
      { routes: [{ ...route, connection: "dsek" }] },
      ["routes", 0, "connection"],
      'there is no connection called "dsek"',
      expect.stringContaining("desk"),
    ],
    [
      { channels: { city: {}, town: {} } },
      ["channels", "town"],
      "no route says where its conversations go",
      "Add a route with channel: town",
    ],
    [
      { routes: [route, route] },
      ["routes", 1, "channel"],
      '"city" has a route already, routes[0]',
      "Remove one: a channel has exactly one route",
    ],
    [
      { routes: [{ ...route, mapping: "none" }] },
      ["routes", 0, "mapping"],
      `there is no folder ${join(root, "none")}`,
      "Write a folder relative to this file, e.g. mappings/request-tracker",
    ],
    [
      { routes: [{ ...route, mapping: "half" }] },
      ["routes", 0, "mapping"],
      `contact.jsonata, comment.jsonata missing in ${join(root, "half")}`,
      "Add it; the starter mappings are good to copy from",
    ],
    [
      { redis: {} },
      ["redis", "url"],
      "nothing says where Redis is",
      expect.stringMatching(/^Give the address/),
    ],
  ])("%j", (parts, path, reason, remedy) => {
    expect(findingsOf(parts)).toEqual([{ path, reason, remedy }]);
  });
});

describe("what the schema finds is not found here too", () => {
  test("a route without names and folder", () => {
    expect(findingsOf({ routes: [route, {}, {}] })).toEqual([]);
    expect(findingsOf({ routes: [route, 7, { channel: 7, connection: 7, mapping: 7 }] })).toEqual([]);
  });

  test.each([[{ routes: "odd", channels: {} }], [{ channels: "odd", connections: 7, routes: [] }]])(
    "settings of another shape: %j",
    (parts) => expect(findingsOf(parts)).toEqual([]),
  );

  test("a file that is no group of settings", () => {
    expect(crossCheck(file, "odd")).toEqual([]);
  });
});
