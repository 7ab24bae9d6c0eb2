import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { ownPlugins } from "../../src/app/settings.ts";
import { describeSettings } from "../../src/config/describe.ts";
import type { Plugins } from "../../src/config/plugins.ts";

/** The rows of a channel type with these settings, without the ends. */
function rowsOf(config: z.ZodObject): string[] {
  const channelTypes = {
    fake: { name: "fake", label: "Fake", config },
  } as unknown as Plugins["channelTypes"];
  const text = describeSettings({ channelTypes, connectors: {} });
  const [, chapter = ""] = text.split("## `channels` with `type: fake`\n");
  const [, , , , ...rows] = chapter.split("\n").slice(1);
  return rows.filter((row) => row.startsWith("|")).map((row) => row.slice(2, -2));
}

test("the reference of settings is what the schemas say: else npm run docs", async () => {
  const use = Object.keys(ownPlugins.connectors);
  expect(use.length).toBeGreaterThan(10);
  const connectors: Plugins["connectors"] = {};
  for (const [name, load] of Object.entries(ownPlugins.connectors)) {
    const { default: definition } = await load();
    connectors[name] = definition;
  }
  const text = describeSettings({ channelTypes: ownPlugins.channelTypes, connectors });
  expect(readFileSync("docs/reference/settings.md", "utf8")).toBe(text);
});

test("each setting is a row with what it takes, what it is when left out, and what it is for", () => {
  expect(
    rowsOf(
      z.object({
        host: z.string().meta({ description: "Where it is" }),
        token: z.string().meta({ secret: true, description: "Opens it" }),
        mode: z.enum(["a", "b|c"]).default("a"),
        url: z.url().optional(),
        on: z.boolean().default(false),
        list: z.array(z.string()).default([]),
        group: z.object({ inner: z.string().default("x") }).default({ inner: "x" }),
        many: z.array(z.object({ name: z.string() })).optional(),
        either: z.union([z.string(), z.array(z.string())]).optional(),
        only: z.literal("this").optional(),
      }),
    ),
  ).toEqual([
    "`host` | text | required | Where it is",
    "`token` | text | required | Opens it. *Secret.*",
    "`mode` | `a`, `b\\|c` | `a` | ",
    "`url` | address |  | ",
    "`on` | `true` or `false` | `false` | ",
    "`list` | list of text | `[]` | ",
    "`group` | group |  | ",
    "`group.inner` | text | `x` | ",
    "`many` | list of group |  | ",
    "`many[].name` | text | required | ",
    "`either` | text or list of text |  | ",
    "`only` | `this` |  | ",
  ]);
});

test("a number tells its bounds", () => {
  const number = z.number();
  const bounded = z.object({
    whole: z.int().optional(),
    least: z.int().min(1).optional(),
    most: number.max(9).optional(),
    both: number.min(1).max(9).optional(),
    above: number.gt(0).optional(),
    aboveAndMost: number.gt(0).max(1).optional(),
    any: number.optional(),
  });
  expect(rowsOf(bounded).map((row) => row.split(" | ")[1])).toEqual([
    "whole number",
    "whole number, 1 or more",
    "number up to 9",
    "number, 1 to 9",
    "number, above 0 or more",
    "number, above 0 to 1",
    "number",
  ]);
});
