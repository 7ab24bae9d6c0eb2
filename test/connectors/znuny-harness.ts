import type { ContactKey, TicketStatus } from "deskferry/sdk";
import type {
  ConnectorHarness,
  SeenComment,
  SeenContact,
  SeenTicket,
  StaffFile,
} from "deskferry/sdk/testing";
import type { Znuny } from "../../scripts/znuny.ts";

const statuses: Record<string, TicketStatus> = {
  new: "new",
  open: "open",
  "pending reminder": "pending",
  "closed successful": "solved",
  "closed unsuccessful": "closed",
};
const rawOf = (status: TicketStatus) =>
  Object.keys(statuses).find((raw) => statuses[raw] === status) ?? status;

interface File {
  FileID: string;
  Filename: string;
  Content: string;
}

interface Article {
  ArticleID: number;
  Body: string;
  SenderType: string;
  IsVisibleForCustomer: string | number;
  CreateBy: string | number;
  Attachment?: File[];
}

interface Ticket {
  TicketID: number;
  Title: string;
  State: string;
  CustomerUserID: string;
  Article?: Article[];
  DynamicField?: { Name: string; Value: string | null }[];
}

/** Looks into Znuny and works in it as the agent, through Znuny's own operations but not through the connector. */
export function createZnunyAgent(znuny: Znuny) {
  const { name, password } = znuny.agent;
  async function call(operation: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${znuny.url}/nph-genericinterface.pl/Webservice/Deskferry/${operation}`, {
      method: "POST",
      headers: { "X-OTRS-Header-UserLogin": name, "X-OTRS-Header-Password": password },
      body: JSON.stringify(body),
    });
    const json = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok || json["Error"])
      throw new Error(`${operation}: ${answer.status} ${JSON.stringify(json)}`);
    return json;
  }
  async function tickets(search: Record<string, unknown>): Promise<Ticket[]> {
    const { TicketID } = await call("TicketSearch", { ...search, OrderBy: "Up", Limit: 100 });
    if (!TicketID) return [];
    const { Ticket } = await call("TicketGet", { TicketID, DynamicFields: 1 });
    return Ticket as Ticket[];
  }
  async function ticket(ticketId: string, files = 1): Promise<Ticket> {
    const body = { TicketID: ticketId, DynamicFields: 1, AllArticles: 1, Attachments: files };
    const [found] = (await call("TicketGet", body))["Ticket"] as Ticket[];
    if (!found) throw new Error(`no ticket ${ticketId}`);
    return found;
  }
  const article = (ticketId: string, Body: string, visible: boolean, files: StaffFile[] = []) =>
    call("TicketUpdate", {
      TicketID: ticketId,
      Article: {
        Subject: "Answer",
        Body,
        ContentType: "text/plain; charset=utf8",
        SenderType: "agent",
        IsVisibleForCustomer: visible ? 1 : 0,
      },
      ...(files.length === 0
        ? {}
        : {
            Attachment: files.map((file) => ({
              Filename: file.name,
              ContentType: file.mimeType,
              Content: file.bytes.toString("base64"),
            })),
          }),
    });
  return {
    call,
    tickets,
    ticket,
    article,
    reply: (ticketId: string, text: string) => article(ticketId, text, true),
    note: (ticketId: string, text: string) => article(ticketId, text, false),
    /** The ids of the files, as events name them. */
    async replyWithFiles(ticketId: string, text: string, files: StaffFile[]): Promise<string[]> {
      const { ArticleID } = await article(ticketId, text, true, files);
      const { Article } = await ticket(ticketId);
      const held = Article?.find((one) => `${one.ArticleID}` === `${ArticleID}`)?.Attachment ?? [];
      return files.map((file) => {
        const { FileID } = held.find(({ Filename }) => Filename === file.name) ?? {};
        return `${ArticleID}-${FileID}`;
      });
    },
    setState: (ticketId: string, State: string) =>
      call("TicketUpdate", {
        TicketID: ticketId,
        Ticket: { State, ...(State.startsWith("pending") ? { PendingTime: { Diff: 60 } } : {}) },
      }),
  };
}

export type ZnunyAgent = ReturnType<typeof createZnunyAgent>;

/** All articles of a ticket, oldest first, with the bytes of their files. */
export async function articlesOf(
  agent: ZnunyAgent,
  ticketId: string,
): Promise<(SeenComment & { id: string; senderType: string; createdBy: string })[]> {
  const { Article = [] } = await agent.ticket(ticketId);
  return Article.map((one) => ({
    id: `${one.ArticleID}`,
    senderType: one.SenderType,
    createdBy: `${one.CreateBy}`,
    body: one.Body,
    visibility: `${one.IsVisibleForCustomer}` === "1" ? ("public" as const) : ("internal" as const),
    attachments: (one.Attachment ?? [])
      .toSorted((left, right) => Number(left.FileID) - Number(right.FileID))
      .map(({ Filename, Content }) => ({ name: Filename, bytes: Buffer.from(Content, "base64") })),
  }));
}

/** Znuny shows the files of an article by name; its database knows the order in which they came. */
async function inOrderOfFiles(
  articles: Awaited<ReturnType<typeof articlesOf>>,
  znuny: Znuny,
): Promise<Awaited<ReturnType<typeof articlesOf>>> {
  if (articles.every(({ attachments }) => attachments.length < 2)) return articles;
  const printed = await znuny.perl(`
    my $DB = $Kernel::OM->Get('Kernel::System::DB');
    $DB->Prepare(SQL => 'SELECT filename FROM article_data_mime_attachment ORDER BY id');
    my @Names;
    while (my ($Name) = $DB->FetchrowArray()) { push @Names, $Name }
    binmode STDOUT, ':encoding(UTF-8)';
    print $Kernel::OM->Get('Kernel::System::JSON')->Encode(Data => \\@Names);`);
  const names = JSON.parse(printed) as string[];
  return articles.map((article) => ({
    ...article,
    attachments: article.attachments.toSorted(
      (left, right) => names.lastIndexOf(left.name) - names.lastIndexOf(right.name),
    ),
  }));
}

/** Customer users by login or number, straight from the database. */
export async function customersOf(znuny: Znuny, { externalId, phone }: ContactKey): Promise<SeenContact[]> {
  const printed = await znuny.perl(`
    my $DB = $Kernel::OM->Get('Kernel::System::DB');
    my ($Login, $Mobile) = map { pack 'H*', $_ } qw(${hex(externalId)} ${hex(phone ?? "none")});
    $DB->Prepare(SQL => 'SELECT login, first_name, last_name FROM customer_user WHERE login = ? OR mobile = ?', Bind => [\\$Login, \\$Mobile]);
    my @Found;
    while (my @Row = $DB->FetchrowArray()) { push @Found, [@Row] }
    binmode STDOUT, ':encoding(UTF-8)';
    print $Kernel::OM->Get('Kernel::System::JSON')->Encode(Data => \\@Found);`);
  const rows = JSON.parse(printed) as [string, string, string][];
  return rows.map(([id, first, last]) => ({ id, name: `${first} ${last}`.replace(/ –$/, "") }));
}

const hex = (text: string) => Buffer.from(text).toString("hex");

export function znunySettings(znuny: Znuny, url = znuny.url) {
  return {
    url,
    username: znuny.connector.name,
    password: znuny.connector.password,
    queue: znuny.queue,
    webhookSecret: znuny.webhookSecret,
  };
}

export function znunyHarness(znuny: Znuny): ConnectorHarness {
  const agent = createZnunyAgent(znuny);
  return {
    serverUrl: znuny.url,
    settings: (url) => znunySettings(znuny, url),
    contactsOf: (key) => customersOf(znuny, key),
    async ticketsOf(externalId): Promise<SeenTicket[]> {
      const found = await agent.tickets({ DynamicField_DeskferryTicket: { Equals: externalId } });
      return found
        .filter(({ DynamicField = [] }) =>
          DynamicField.some(({ Name, Value }) => Name === "DeskferryTicket" && Value === externalId),
        )
        .map(({ TicketID, Title, State }) => {
          const status = statuses[State];
          return { id: `${TicketID}`, subject: Title, ...(status ? { status } : {}) };
        });
    },
    commentsOf: async (ticketId) => inOrderOfFiles(await articlesOf(agent, ticketId), znuny),
    missingFileId: "999999-1",
    staff: {
      reply: async (ticketId, text) => void (await agent.reply(ticketId, text)),
      replyWithFiles: agent.replyWithFiles,
      note: async (ticketId, text) => void (await agent.note(ticketId, text)),
      setStatus: async (ticketId, status) => void (await agent.setState(ticketId, rawOf(status))),
    },
    sendWebhooksTo: (url) => znuny.setHook(url),
    stop: () => znuny.stop(),
  };
}
