import { type Connector, createHttpClient, PluginError } from "deskferry/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import definition from "../../connectors/znuny/index.ts";
import { startZnuny, type Znuny, znunyMissing } from "../../scripts/znuny.ts";
import { articlesOf, createZnunyAgent, type ZnunyAgent, znunySettings } from "./znuny-harness.ts";

const missing = znunyMissing();
if (missing) console.log(missing);

/** What the call throws; the test fails when it is no PluginError. */
async function failureOf(call: Promise<unknown>): Promise<PluginError> {
  const error = await call.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof PluginError) return error;
  throw error;
}

describe.skipIf(missing !== undefined)("znuny, on a real Znuny 6.5", () => {
  let znuny: Znuny;
  let agent: ZnunyAgent;
  let connector: Required<Connector>;
  const warnings: string[] = [];
  let count = 0;

  function connect(settings: Record<string, unknown> = {}): Required<Connector> {
    const config = definition.config.parse({ ...znunySettings(znuny), ...settings });
    const clock = { now: Date.now };
    const quiet = () => undefined;
    const log = { debug: quiet, info: quiet, warn: (message: string) => void warnings.push(message) };
    const http: Parameters<typeof definition.create>[1]["http"] = (options) =>
      createHttpClient(options, clock);
    return definition.create(config, { http, log, clock }) as Required<Connector>;
  }
  async function ticketOf(ticket: Record<string, unknown> = {}, by = connector) {
    const externalId = `deskferry/znuny/${++count}/1`;
    const login = `whatsapp:GB.${count}`;
    const { id: contactId } = await by.upsertContact(
      { externalId: login, userId: `GB.${count}` },
      { name: "Ann Example" },
    );
    const made = await by.createTicket({
      externalId,
      contactId,
      ticket: { subject: "Street light", ...ticket },
    });
    return { ...made, contactId };
  }
  async function commentsAfter(cursor: string) {
    const { events } = await connector.listChanges(cursor);
    return events.flatMap((event) => (event.type === "comment.added" ? [event] : []));
  }
  const cursorNow = async () => (await connector.listChanges(undefined)).cursor;

  beforeAll(async () => {
    znuny = await startZnuny();
    agent = createZnunyAgent(znuny);
    connector = connect();
  }, 180_000);
  afterAll(() => znuny?.stop());

  it("the check tells what is in order", async () => {
    expect(await connector.checkConnection()).toEqual([
      expect.stringMatching(/^Znuny 6\.5\S* answers at http:/),
      "account deskferry may use the add-on and write tickets in the queue WhatsApp",
      "changes arrive by webhook; polling finds what was missed",
    ]);
  });

  it("the check names a wrong queue, password, account and web service", async () => {
    const failure = (settings: Record<string, unknown>) => failureOf(connect(settings).checkConnection());
    expect(await failure({ queue: "WhatsAp" })).toMatchObject({
      kind: "config",
      operatorMessage: expect.stringContaining('no valid queue "WhatsAp"'),
    });
    expect(await failure({ password: "wrong" })).toMatchObject({ kind: "auth" });
    expect(await failure({ username: znuny.agent.name, password: znuny.agent.password })).toMatchObject({
      kind: "config",
      operatorMessage: expect.stringContaining("the group deskferry"),
    });
    expect((await failure({ webservice: "Elsewhere" })).kind).not.toBe("bug");
    expect(await failure({ statuses: { open: "open" } })).toMatchObject({
      kind: "config",
      operatorMessage: expect.stringContaining('"new"'),
    });
  });

  it("fields of a ticket arrive, and what Znuny has no place for is told", async () => {
    warnings.length = 0;
    const due = { firstAnswer: "2026-11-23T09:00:00Z", solution: "2026-11-24T09:00:00Z" };
    const extra = { tags: ["water"], skills: ["hi"], due };
    const { id } = await ticketOf({
      ...extra,
      description: "From the form",
      priority: "urgent",
      queue: znuny.otherQueue,
      assignee: znuny.agent.name,
    });
    expect(await agent.ticket(id)).toMatchObject({
      Title: "Street light",
      Priority: "5 very high",
      Queue: znuny.otherQueue,
      Owner: znuny.agent.name,
    });
    expect(await articlesOf(agent, id)).toMatchObject([{ body: "From the form", visibility: "internal" }]);
    expect(warnings).toEqual(
      ["tags", "skills", "firstAnswer", "solution"].map((name) => expect.stringContaining(`fields.${name}`)),
    );
  });

  it("a ticket is made without an assignee whom Znuny does not know, and not made where a name is wrong", async () => {
    warnings.length = 0;
    const { id } = await ticketOf({ assignee: "nobody-of-that-name" });
    expect(warnings).toEqual(["Znuny did not accept the assignee of a ticket"]);
    expect(await agent.ticket(id)).toMatchObject({ Owner: "deskferry" });
    expect(await failureOf(ticketOf({ queue: "Nowhere" }))).toMatchObject({
      kind: "config",
      operatorMessage: 'create ticket: Znuny has no valid queue "Nowhere"',
    });
    expect(await failureOf(ticketOf({ custom: { NoSuchField: "x" } }))).toMatchObject({
      kind: "config",
      operatorMessage: expect.stringContaining("lacks a dynamic field"),
    });
  });

  it("a customer user has the address of the person, or one made up where it is another's already", async () => {
    const save = (login: string, email: string) =>
      connector.upsertContact({ externalId: login, phone: "+447700900777" }, { name: "Ann", email });
    await save("whatsapp:first", "ann@people.test");
    await save("whatsapp:second", "ann@people.test");
    const printed = await znuny.perl(`
      my $Object = $Kernel::OM->Get('Kernel::System::CustomerUser');
      for my $Login (qw(whatsapp:first whatsapp:second)) {
          my %User = $Object->CustomerUserDataGet(User => $Login);
          print "$User{UserEmail} $User{UserMobile}\\n";
      }`);
    expect(printed).toBe("ann@people.test +447700900777\nwhatsapp-second@deskferry.invalid +447700900777\n");
  });

  it("P19: what customers, Znuny itself or a telephone call leave behind stays inside", async () => {
    const { id } = await ticketOf();
    const cursor = await cursorNow();
    for (const [SenderType, CommunicationChannel] of [
      ["customer", "Internal"],
      ["system", "Internal"],
      ["agent", "Phone"],
      ["agent", "Internal"],
    ]) {
      await agent.call("TicketUpdate", {
        TicketID: id,
        Article: {
          Subject: "s",
          Body: `${SenderType} ${CommunicationChannel}`,
          ContentType: "text/plain; charset=utf8",
          SenderType,
          CommunicationChannel,
          IsVisibleForCustomer: 1,
        },
      });
    }
    const seen = (await commentsAfter(cursor)).map(({ body, visibility }) => [body, visibility]);
    expect(seen).toEqual([
      ["customer Internal", "internal"],
      ["system Internal", "internal"],
      ["agent Phone", "internal"],
      ["agent Internal", "public"],
    ]);
  });

  it("messages of the person come from a customer, remarks of ours from an agent", async () => {
    const { id, contactId } = await ticketOf();
    const comment = { ticketId: id, contactId, body: "Hello", attachments: [] };
    await connector.addComment({ ...comment, externalId: "wamid.1", visibility: "public" });
    await connector.addComment({ ...comment, externalId: "wamid.2", visibility: "internal" });
    const articles = (await articlesOf(agent, id)).slice(1);
    expect(articles.map(({ senderType, visibility }) => [senderType, visibility])).toEqual([
      ["customer", "public"],
      ["agent", "internal"],
    ]);
  });

  it("P07: more changes than a page holds come all, once each", async () => {
    const { id } = await ticketOf();
    const start = await cursorNow();
    await znuny.perl(`
      my $Backend = $Kernel::OM->Get('Kernel::System::Ticket::Article')->BackendForChannel(ChannelName => 'Internal');
      for my $Number (1 .. 130) {
          $Backend->ArticleCreate(TicketID => ${id}, SenderType => 'agent', IsVisibleForCustomer => 0, UserID => 1,
              Subject => 's', Body => "number $Number", ContentType => 'text/plain; charset=utf8', NoAgentNotify => 1,
              HistoryType => 'AddNote', HistoryComment => 'x') or die;
      }`);
    const bodies: string[] = [];
    let cursor = start;
    for (let more = true; more; ) {
      const page = await connector.listChanges(cursor);
      bodies.push(...page.events.map((event) => (event.type === "comment.added" ? event.body : event.type)));
      ({ cursor, more } = page);
    }
    expect(bodies).toEqual(Array.from({ length: 130 }, (_, index) => `number ${index + 1}`));
    expect((await connector.listChanges(cursor)).events).toEqual([]);
  });

  it("tickets that are not ours bring no changes, and their files cannot be fetched", async () => {
    const { id } = await ticketOf();
    const cursor = await cursorNow();
    const other = await agent.replyWithFiles("1", "to somebody else", [
      { name: "a.txt", mimeType: "text/plain", bytes: Buffer.from("secret") },
    ]);
    expect(await commentsAfter(cursor)).toEqual([]);
    const file = { id: other[0] ?? "", name: "a.txt", ticketId: id };
    const target = { path: "/tmp/deskferry-znuny-never", maxBytes: 1000 };
    expect(await failureOf(connector.fetchAttachment(file, target))).toMatchObject({ kind: "not_found" });
  });

  it("cursors are ours only", async () => {
    for (const cursor of ["", "abc", "1; DROP", "1,", "-1"]) {
      expect(await failureOf(connector.listChanges(cursor))).toMatchObject({ kind: "bug" });
    }
  });
});
