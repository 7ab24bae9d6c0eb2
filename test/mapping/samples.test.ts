import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeMappingInput } from "../../scripts/describe-mapping-input.ts";
import { mappingSamples } from "../../scripts/mapping-samples.ts";
import { messageTypes } from "../../src/domain/message.ts";
import { createMapper, type Mapper } from "../../src/mapping/mapper.ts";

const samples = mappingSamples();
let mapper: Mapper;

beforeAll(() => {
  mapper = createMapper({ children: 1 });
});
afterAll(() => mapper.close());

test("every type of message has a sample", () => {
  expect(samples.map(({ type }) => type)).toEqual([...messageTypes]);
});

test("every field of a sample stands in the reference", () => {
  const page = describeMappingInput();
  for (const { input } of samples) {
    const { message, person } = input;
    const nested = [message.media, message.location].flatMap((part) => Object.keys(part ?? {}));
    for (const field of [...Object.keys(input), ...Object.keys(person), ...Object.keys(message), ...nested]) {
      expect(page).toContain(`| \`${field}\``);
    }
  }
});

test.each(readdirSync("mappings"))(
  "P09: the starter mappings for %s make records of every sample",
  async (name) => {
    const folder = join("mappings", name);
    await mapper.load(folder);
    for (const { input } of samples) {
      const { record: ticket } = await mapper.map(folder, "ticket", input);
      expect(ticket.subject).not.toBe("");
      await mapper.map(folder, "route", { ...input, ticket });
      expect((await mapper.map(folder, "contact", input)).record.name).not.toBe("");
      expect((await mapper.map(folder, "comment", input)).record.body).not.toBe("");
    }
  },
);
