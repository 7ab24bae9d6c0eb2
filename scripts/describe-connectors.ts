import type { Plugins } from "../src/config/plugins.ts";
import type { Connector, ConnectorDefinition, Idempotency, Tools } from "../src/sdk/index.ts";

const classes: Record<Idempotency["class"], (idempotency: Idempotency) => string> = {
  A: () => "A: called again",
  B: (each) =>
    `B: looked up${"settleMs" in each && each.settleMs > 0 ? ` after ${each.settleMs / 1000} s` : ""}`,
  C: (each) =>
    `C: ${"onUnclear" in each && each.onUnclear === "retry" ? "called again, a double is possible" : "an operator decides"}`,
};

const yes = (value: unknown) => (value ? "yes" : "no");

/** What a column says of a connector. */
type Column = [what: string, tell: (connector: Connector) => string];

const columns: Column[] = [
  [
    "class, and after an unclear answer",
    ({ capabilities: { idempotency } }) => classes[idempotency.class](idempotency),
  ],
  [
    "a message becomes",
    ({ capabilities }) => (capabilities.messages === "tickets" ? "a ticket" : "a comment"),
  ],
  ["changes arrive by", ({ capabilities }) => capabilities.changes.join(", ") || "–"],
  ["private notes", ({ capabilities }) => yes(capabilities.internalComments)],
  ["files to the helpdesk", ({ capabilities }) => sizeOf(capabilities.maxAttachmentBytes)],
  ["files of replies", ({ fetchAttachment }) => yes(fetchAttachment)],
  ["tickets can be reopened", ({ updateTicket }) => yes(updateTicket)],
  ["tickets found again when Redis is lost", ({ findTicket }) => yes(findTicket)],
  ["reads the vendor's limit", ({ capabilities }) => yes(capabilities.rateLimitHeaders)],
  ["`deskferry check` tries the account", ({ checkConnection }) => yes(checkConnection)],
];

const ticketFields = [
  "description",
  "queue",
  "priority",
  "assignee",
  "tags",
  "skills",
  "due",
  "custom",
] as const;

const tools: Tools = {
  http: () => ({ request: refuse, download: refuse }),
  log: { debug() {}, info() {}, warn() {} },
  clock: { now: () => 0 },
};

function refuse(): never {
  throw new Error("documentation is written without asking anybody");
}

/** The page docs/reference/connectors.md, from what the connectors declare of themselves. */
export function describeConnectors({ connectors }: Plugins): string {
  const opened = Object.entries(connectors).map(
    ([name, definition]) => [name, definition.label, open(definition)] as const,
  );
  const known = opened.flatMap(([name, , connector]) => (connector ? [{ name, connector }] : []));
  const table = (columns: Column[]) =>
    [
      `| connector | ${columns.map(([what]) => what).join(" | ")} |`,
      `| --- |${" --- |".repeat(columns.length)}`,
      ...known.map(
        ({ name, connector }) =>
          `| \`${name}\` | ${columns.map(([, tell]) => tell(connector)).join(" | ")} |`,
      ),
    ].join("\n");
  const fields = ticketFields.map(
    (field): Column => [
      field,
      ({ capabilities }) => yes(!capabilities.unsupportedTicketFields?.includes(field)),
    ],
  );
  const silent = opened.filter(([, , connector]) => !connector).map(([name]) => `\`${name}\``);
  return `# What each connector can do

<!-- Generated from what the connectors declare by \`npm run docs\`. Do not edit. -->

With the settings that each gives as its example; others may take something away. The conformance suite holds every connector to what
stands here: [add-a-connector.md](../add-a-connector.md).

${opened.map(([name, label]) => `- \`${name}\`: ${label}, [setup.md](../../connectors/${name}/setup.md)`).join("\n")}

${table(columns)}

## Fields of a new ticket
"no": the helpdesk has no place for it. It is left out, and the operator is told: [connections.md](../connections.md).

${table(fields)}
${silent.length > 0 ? `\nNot told, for want of an example: ${silent.join(", ")}.\n` : ""}`;
}

/** Undefined when the definition has no example. */
function open({ name, config, example, create }: ConnectorDefinition): Connector | undefined {
  if (example === undefined) return undefined;
  const parsed = config.safeParse(example);
  if (!parsed.success)
    throw new Error(`the example of connectors/${name} is refused: ${parsed.error.message}`);
  return create(parsed.data, tools);
}

function sizeOf(bytes: number): string {
  return bytes === 0 ? "no" : `up to ${Math.floor(bytes / 1024 / 1024)} MB`;
}
