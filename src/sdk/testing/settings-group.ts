import assert from "node:assert/strict";
import { ticketRecord } from "../../domain/records.ts";
import type { Connector } from "../connector.ts";
import type { Group, GroupContext } from "./group.ts";
import { isSecret, jsonSchemaOf } from "./settings-walk.ts";

const SECRET_NAME = /(token|secret|password|apikey|api_key|privatekey)s?$/i;

/** What the definition says of itself, without any server. */
export const settingsGroup: Group = {
  define({ definition, exampleSettings, example, test }: GroupContext) {
    const schema = jsonSchemaOf(definition.config);
    const accepts = (settings: unknown) => definition.config.safeParse(settings);
    const given = exampleSettings as Record<string, unknown>;

    test("the name is in kebab-case and the label is for people", async () => {
      assert.match(definition.name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      assert.notEqual(definition.label.trim(), "");
    });
    test("the example settings are accepted", async () => {
      const result = accepts(exampleSettings);
      assert.ok(result.success, result.error?.message);
    });
    test("a setting that is missing is refused by its name", async () => {
      for (const name of schema.required ?? []) {
        const { [name]: _, ...rest } = given;
        assertRefused(accepts(rest), name);
      }
    });
    test("a setting that does not exist is refused", async () => {
      assertRefused(accepts({ ...given, noSuchSetting: "x" }), "noSuchSetting");
    });
    test("tokens, passwords and secrets are marked as secret", async () => {
      for (const [name, part] of Object.entries(schema.properties ?? {})) {
        if (SECRET_NAME.test(name))
          assert.ok(isSecret(part), `the setting ${name} is not marked with secret()`);
      }
    });
    test("every setting says what it is", async () => {
      for (const [name, part] of Object.entries(schema.properties ?? {})) {
        assert.ok(part.description, `the setting ${name} has no description`);
      }
    });
    test("what it declares and what it can do agree", async () => declares(example));
  },
};

function assertRefused(
  result: { success: boolean; error?: { message: string } | undefined },
  name: string,
): void {
  assert.ok(!result.success, `${name}: the settings were accepted`);
  assert.ok(result.error?.message.includes(name), `the refusal does not name ${name}`);
}

function declares({ capabilities, ...methods }: Connector): void {
  const { idempotency, changes, maxAttachmentBytes, rateLimitHeaders } = capabilities;
  const { unsupportedTicketFields = [] } = capabilities;
  for (const field of unsupportedTicketFields)
    assert.ok(field in ticketRecord.shape, `tickets have no field ${field}`);
  if (idempotency.class === "B") {
    assert.ok(methods.findTicket, "class B needs findTicket");
    const needsComment = capabilities.messages !== "tickets";
    assert.ok(!needsComment || methods.findComment, "class B needs findComment");
    assert.ok(idempotency.settleMs >= 0, "settleMs is negative");
  }
  if (changes.includes("push")) assert.ok(methods.verifyWebhook, "push needs verifyWebhook");
  if (changes.includes("poll")) assert.ok(methods.listChanges, "poll needs listChanges");
  const isOneWay = capabilities.messages === "tickets" && changes.length === 0;
  assert.ok(isOneWay || changes.length > 0, "changes arrive neither by push nor by poll");
  assert.ok(Number.isInteger(maxAttachmentBytes) && maxAttachmentBytes >= 0, "maxAttachmentBytes");
  const { limit, remaining, usage, reset } = rateLimitHeaders ?? {};
  assert.ok(
    !rateLimitHeaders || remaining || usage,
    "rateLimitHeaders name none that tells how many calls are left",
  );
  for (const header of [limit, remaining, usage, reset]) assert.equal(header, header?.toLowerCase());
}
