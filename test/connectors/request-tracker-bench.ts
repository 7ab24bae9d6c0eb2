import { type Connector, createHttpClient, type NewComment, PluginError } from "deskferry/sdk";
import definition from "../../connectors/request-tracker/index.ts";
import type { RequestTracker } from "../../scripts/request-tracker.ts";
import { createAgent, fieldsOf, requestTrackerSettings } from "./request-tracker-harness.ts";

type Settings = Partial<ReturnType<typeof requestTrackerSettings>> & Record<string, unknown>;

/** The connector on a real Request Tracker, with other settings where a test needs them. */
export function createBench(rt: RequestTracker) {
  const agent = createAgent(rt);
  const warnings: string[] = [];
  let count = 0;

  function connect(settings: Settings = {}, now: () => number = Date.now): Required<Connector> {
    const config = definition.config.parse({ ...requestTrackerSettings(rt), ...settings });
    const clock = { now };
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: (message: string) => void warnings.push(message) };
    return definition.create(config, {
      http: (options) => createHttpClient(options, clock),
      log,
      clock,
    }) as Required<Connector>;
  }
  const connector = connect();
  const unique = () => `${++count}`;
  const externalId = () => `deskferry/city/${Buffer.from(unique()).toString("hex")}/1`;
  const phone = () => `+4477009${unique().padStart(5, "0")}`;
  const contact = async () => {
    const number = phone();
    const key = { externalId: `whatsapp:${number}`, phone: number };
    return { key, ...(await connector.upsertContact(key, { name: "Ann Example" })) };
  };
  let known: Promise<{ id: string }> | undefined;
  return {
    agent,
    warnings,
    connect,
    connector,
    unique,
    externalId,
    phone,
    contact,
    async ticket(subject = "Street light") {
      known ??= contact();
      const { id: contactId } = await known;
      const external = externalId();
      const { id } = await connector.createTicket({ externalId: external, contactId, ticket: { subject } });
      return { id, externalId: external, contactId };
    },
    comment: (ticketId: string, more: Partial<NewComment> = {}): NewComment => ({
      ticketId,
      externalId: `wamid.${unique()}Aa==`,
      body: "The lamp is out",
      visibility: "public",
      attachments: [],
      ...more,
    }),
    fieldsOf: async (path: string) => fieldsOf(await agent.get(path)),
  };
}

/** What the call throws; the test fails when it is no PluginError. */
export async function failureOf(call: Promise<unknown>): Promise<PluginError> {
  const error = await call.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof PluginError) return error;
  throw error;
}
