import { type Connector, createHttpClient, type NewComment, type NewTicket } from "deskferry/sdk";
import definition from "../../connectors/redmine/index.ts";
import type { Redmine } from "../../scripts/redmine.ts";
import { createAgent, redmineSettings } from "./redmine-harness.ts";

/** The connector on a real Redmine, with other settings where a test needs them. */
export function createBench(redmine: Redmine) {
  const agent = createAgent(redmine);
  const warnings: string[] = [];
  let count = 0;

  function connect(
    settings: Record<string, unknown> = {},
    now: () => number = Date.now,
  ): Required<Connector> {
    const config = definition.config.parse({ ...redmineSettings(redmine), ...settings });
    const clock = { now };
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: (message: string) => void warnings.push(message) };
    const http: Parameters<typeof definition.create>[1]["http"] = (options) =>
      createHttpClient(options, clock);
    return definition.create(config, { http, log, clock }) as Required<Connector>;
  }
  const connector = connect();
  const unique = () => `${++count}`;
  const externalId = () => `deskferry/city/${unique()}/1`;
  const person = () => {
    const phone = `+4477009${unique().padStart(5, "0")}`;
    return { externalId: `whatsapp:${phone}`, phone };
  };
  let known: Promise<{ id: string }> | undefined;
  async function ticket(more: Partial<NewTicket["ticket"]> = {}, by = connector) {
    known ??= connector.upsertContact(person(), { name: "Ann Example" });
    const { id: contactId } = await known;
    const external = externalId();
    const request = { externalId: external, contactId, ticket: { subject: "Street light", ...more } };
    return { ...(await by.createTicket(request)), externalId: external };
  }
  return {
    agent,
    warnings,
    connect,
    connector,
    unique,
    externalId,
    person,
    ticket,
    comment: (ticketId: string, more: Partial<NewComment> = {}): NewComment => ({
      ticketId,
      externalId: `wamid.${unique()}Aa==`,
      body: "The lamp is out",
      visibility: "public",
      attachments: [],
      ...more,
    }),
    /** Everything since the last call, or since now the first time. */
    poller(by = connector) {
      let cursor: string | undefined;
      return async () => {
        const events = [];
        for (;;) {
          const page = await by.listChanges(cursor);
          cursor = page.cursor;
          events.push(...page.events);
          if (!page.more) return events;
        }
      };
    },
  };
}
