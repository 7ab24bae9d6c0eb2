import assert from "node:assert/strict";
import type { TicketRecord } from "../../domain/records.ts";
import type { Connector, OptionalTicketField, TicketMessage } from "../connector.ts";
import type { Bench } from "./bench.ts";
import { errorOf } from "./error-kinds.ts";
import type { Group } from "./group.ts";

type Fields = Omit<TicketRecord, "subject">;

interface FieldCase {
  field: OptionalTicketField;
  /** Two values that differ; `mark` has letters and digits only, so that no encoding hides it. */
  values(mark: string): [Fields, Fields];
}

/** Queue, assignee and custom fields have to exist in the helpdesk, so they are left to the connector's own tests. */
const cases: FieldCase[] = [
  { field: "description", values: (mark) => [{ description: `${mark}a` }, { description: `${mark}b` }] },
  { field: "priority", values: () => [{ priority: "low" }, { priority: "urgent" }] },
  { field: "tags", values: (mark) => [{ tags: [`${mark}a`] }, { tags: [`${mark}b`] }] },
  { field: "skills", values: (mark) => [{ skills: [`${mark}a`] }, { skills: [`${mark}b`] }] },
  {
    field: "due",
    values: () => [
      { due: { firstAnswer: "2031-03-04T09:00:00Z", solution: "2031-03-05T09:00:00Z" } },
      { due: { firstAnswer: "2032-03-04T09:00:00Z", solution: "2032-03-05T09:00:00Z" } },
    ],
  },
];

/** Each field of a ticket has an effect, is declared as unsupported, or is spoken of in an error or in the log. */
export const fieldsGroup: Group = {
  inapplicable(example) {
    return supportedBy(example).length === 0
      ? "the connector declares that it has no place for them"
      : undefined;
  },
  define({ example, test }) {
    for (const { field, values } of supportedBy(example)) {
      test(`a ticket's ${field} is never dropped without a word`, async (bench) => {
        const [one, other] = values(`mark${bench.unique()}`);
        const heard = bench.logged.length;
        const sent = [await sentFor(bench, one), await sentFor(bench, other)];
        const said = [...sent.map(({ error }) => error), ...bench.logged.slice(heard)].join("\n");
        const hasEffect = sent[0]?.requests !== sent[1]?.requests;
        assert.ok(
          hasEffect || said.includes(field),
          `${field} changes nothing that is sent: keep it, or declare it in unsupportedTicketFields`,
        );
      });
    }
  },
};

function supportedBy({ capabilities }: Connector): FieldCase[] {
  return cases.filter(({ field }) => !capabilities.unsupportedTicketFields?.includes(field));
}

/** The same each time, so that requests differ by the field only. */
const writer: Partial<TicketMessage> = {
  person: { externalId: "whatsapp:+447700977124", phone: "+447700977124" },
  contact: { name: "Ann" },
};

/** All that passes for a ticket with these fields, without what differs each time. */
async function sentFor(bench: Bench, fields: Fields): Promise<{ requests: string; error: string }> {
  const request = await bench.newTicket({ subject: "With a field", ...fields }, writer);
  const { externalId } = request;
  bench.proxy.clear();
  const error = await errorOf(() => bench.connector.createTicket(request));
  // Only what creates: what reads it back names ids that differ anyhow.
  const writes = bench.proxy.passed.filter(({ method }) => method !== "GET");
  const unique = externalId.split("/")[2] ?? externalId;
  const requests = writes.map(({ body }) => body.toString().replaceAll(unique, ""));
  return { requests: requests.join("\n"), error: error === undefined ? "" : String(error) };
}
