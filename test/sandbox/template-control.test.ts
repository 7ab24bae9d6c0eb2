import { expect, test } from "vitest";
import {
  readTemplates,
  replaceTemplates,
  setTemplateStatus,
} from "../../src/sandbox/graph/template-control.ts";
import { changeValue, quietWorld } from "./graph-world.ts";

const least = { name: "a", language: "en" };
const whole = {
  ...least,
  status: "APPROVED",
  category: "UTILITY",
  parameter_format: "POSITIONAL",
  components: [],
};

test("templates are read from a list or from Meta's answer, with what is left out filled in", () => {
  expect(readTemplates([least])).toEqual([whole]);
  const own = {
    ...least,
    status: "PAUSED",
    category: "MARKETING",
    parameter_format: "NAMED",
    components: [{}],
  };
  expect(readTemplates({ data: [own, least] })).toEqual([own, whole]);
  expect(readTemplates({})).toEqual([]);
});

test.each([[{ name: "a" }], [{ language: "en" }], ["a"]])(
  "a template of %j wants a name and a language",
  (item) => {
    expect(() => readTemplates([least, item])).toThrow("templates[1]: give name and language");
  },
);

test("all templates are replaced and counted", () => {
  const { world } = quietWorld();
  expect(replaceTemplates(world, [least, { ...least, language: "fr" }])).toEqual({ templates: 2 });
  expect(world.templates.list().map(({ name, language }) => [name, language])).toEqual([
    ["a", "en"],
    ["a", "fr"],
  ]);
});

test.each([
  ["APPROVED", "NONE"],
  ["PENDING", "NONE"],
  ["REJECTED", "INVALID_FORMAT"],
  ["PAUSED", "NONE"],
  ["DISABLED", "NONE"],
])("a template that becomes %s is told by webhook with the reason %s", async (status, reason) => {
  const { world, posted } = quietWorld();
  await setTemplateStatus(world, { name: "ticket_update", language: "en", status });
  expect(world.templates.find("ticket_update", "en")?.status).toBe(status);
  expect(posted).toHaveLength(1);
  expect(posted[0]?.body).toMatchObject({
    entry: [{ id: "102290129340398", changes: [{ field: "message_template_status_update" }] }],
  });
  expect(changeValue(posted[0])).toEqual({
    event: status,
    message_template_id: 7_000_000,
    message_template_name: "ticket_update",
    message_template_language: "en",
    reason,
  });
  expect(world.journal.since(0)).toMatchObject([
    { kind: "template", detail: `ticket_update en ${status}` },
    { kind: "webhook", field: "message_template_status_update", wamids: [] },
  ]);
});

const known = "status: use one of APPROVED, PENDING, REJECTED, PAUSED, DISABLED";

test.each([
  [{ name: "ticket_update", language: "en", status: "GONE" }, known],
  [{ name: "ticket_update", language: "en" }, known],
  [{ name: "ticket_update", language: "fr", status: "PAUSED" }, "name: no template ticket_update in fr"],
  [{ status: "PAUSED" }, /^name: no template {2}in $/],
])("a change of status of %j is refused: %s", async (body, message) => {
  const { world, posted } = quietWorld();
  await expect(setTemplateStatus(world, { ...body })).rejects.toThrow(message);
  expect([posted, world.journal.since(0)]).toEqual([[], []]);
});

test("an account without a number has nobody to tell", async () => {
  const { world } = quietWorld({ numbers: [] });
  const change = setTemplateStatus(world, { name: "ticket_update", language: "en", status: "PAUSED" });
  await expect(change).rejects.toThrow(/^number: no business number has the id $/);
});
