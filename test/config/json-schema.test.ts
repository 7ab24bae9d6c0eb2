import { expect, test } from "vitest";
import { z } from "zod";
import { configJsonSchema, type JsonSchema } from "../../src/config/json-schema.ts";
import { type Connector, defineConnector, secret, serverUrl } from "../../src/sdk/index.ts";

const acme = defineConnector({
  name: "acme",
  label: "Acme",
  config: z.object({
    url: serverUrl("Address").default("https://acme.example.org"),
    token: secret("Token"),
    plain: z.string().optional(),
    mode: z.enum(["a", "b"]).default("a"),
  }),
  create: (): Connector => {
    throw new Error("not used here");
  },
});

const schema = configJsonSchema({ channelTypes: {}, connectors: { acme } });
const variable = { type: "string", pattern: "\\$\\{" };

function partOf(...path: string[]): JsonSchema {
  let part: unknown = schema;
  for (const key of path) part = (part as Record<string, unknown>)[key];
  return part as JsonSchema;
}

test("numbers and switches may also be variables; description and default stay where editors look", () => {
  expect(partOf("properties", "server", "properties", "port")).toEqual({
    description: "Port to listen on; 0 takes a free one",
    default: 8080,
    anyOf: [{ type: "integer", minimum: 0, maximum: 65_535 }, variable],
  });
});

test("a connection's settings depend on the connector that it uses", () => {
  const entry = partOf("properties", "connections", "additionalProperties");
  const [rule] = entry.allOf ?? [];
  expect(rule?.if).toEqual({ properties: { use: { const: "acme" } }, required: ["use"] });
  const settings = rule?.then;
  expect(Object.keys(settings?.properties ?? {})).toEqual([
    "use",
    "pollSeconds",
    "reconcileMinutes",
    "callsPerMinute",
    "url",
    "token",
    "plain",
    "mode",
  ]);
  expect(settings?.required).toEqual(["token"]);
  expect(settings?.additionalProperties).toBe(false);
  expect(settings?.properties?.["plain"]).toEqual({ type: "string" });
  expect(settings?.properties?.["url"]).toMatchObject({
    description: "Address",
    default: "https://acme.example.org",
  });
  expect(settings?.properties?.["mode"]?.anyOf?.[1]).toEqual(variable);
});

test("connectors from outside are left to themselves", () => {
  const entry = partOf("properties", "connections", "additionalProperties");
  expect(entry.properties?.["use"]?.anyOf).toContainEqual({ type: "string" });
  expect(entry.additionalProperties).toEqual({});
});

test("unknown settings of ours are refused everywhere", () => {
  for (const section of ["server", "redis", "queue", "media"]) {
    expect(partOf("properties", section).additionalProperties).toBe(false);
  }
  expect(schema.additionalProperties).toBe(false);
});
