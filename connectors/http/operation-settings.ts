import { secret } from "deskferry/sdk";
import { z } from "zod";
import { rootsIn } from "./template.ts";

/** What an operation is given, by name: placeholders and expressions may begin with these. */
const inputsOf = {
  findContact: ["key"],
  upsertContact: ["key", "contact"],
  updateContact: ["key", "contact", "contactId"],
  createTicket: ["externalId", "contactId", "ticket"],
  addComment: ["ticketId", "externalId", "contactId", "body", "visibility", "attachments"],
  updateTicket: ["ticketId", "status", "rawStatus"],
  findTicket: ["externalId"],
  findComment: ["ticketId", "externalId"],
  startChanges: ["now"],
  listChanges: ["cursor", "now"],
  fetchAttachment: ["file"],
  checkConnection: [],
} as const satisfies Record<string, readonly string[]>;

type OperationName = keyof typeof inputsOf;
export type CallName = Exclude<OperationName, "fetchAttachment">;

/** The operations in words, for errors. */
export const wordsOf: Record<CallName, string> = {
  findContact: "find contact",
  upsertContact: "save contact",
  updateContact: "update contact",
  createTicket: "create ticket",
  addComment: "add comment",
  updateTicket: "update ticket",
  findTicket: "find ticket",
  findComment: "find comment",
  startChanges: "list changes",
  listChanges: "list changes",
  checkConnection: "check connection",
};

const jsonata = (description: string) => z.string().trim().min(1).max(65_536).describe(description);

const statusList = z.array(z.int().min(100).max(599)).max(20).default([]);

/** Statuses that this server means otherwise than HTTP does. */
const statuses = z
  .strictObject({
    missing: statusList.describe("What was asked for is not there"),
    duplicate: statusList.describe("The record was there already; `duplicate` or `answer` finds its id"),
    throttled: statusList.describe("Too many requests"),
    rejected: statusList.describe("Refused for good, whatever class the status has"),
  })
  .prefault({});

const address = {
  path: z
    .string()
    .regex(/^\/[^\s?#]*$/, "begin with / and leave out the query, which has a setting of its own")
    .describe("Below `url`; `{name}` takes a value of the operation's input, encoded"),
  query: z
    .record(z.string(), z.string())
    .optional()
    .describe("Query parameters; one whose placeholder has no value is left out"),
  headers: z.record(z.string(), secret("Value")).optional().describe("Further headers of this operation"),
};

const call = {
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).describe("HTTP method"),
  ...address,
  body: jsonata("JSONata over the operation's input that makes the body").optional(),
  send: z
    .enum(["json", "form", "multipart"])
    .default("json")
    .describe("How the body travels; multipart by itself when files go along"),
  reads: z.enum(["json", "text", "nothing"]).default("json").describe("What the server answers with"),
  expect: jsonata("JSONata over the answer; anything but true means that the outcome is unclear").optional(),
  failed: jsonata(
    "JSONata over the answer that gives something when a success is none: true, or a kind of error",
  ).optional(),
  statuses,
};

const answer = jsonata("JSONata over the answer that makes what the operation owes");
const write = z.strictObject({ ...call, answer, duplicate: answer.optional() });
/** Without `expect` an answer of another shape would look like nothing found, and make a second record. */
const lookUp = z.strictObject({ ...call, answer, expect: call.expect.unwrap() });

const files = z
  .strictObject({
    as: z.enum(["multipart", "base64"]).describe("Parts of a form, or base64 in the JSON body"),
    field: z
      .string()
      .min(1)
      .describe("Name of the part, or where the list stands in the body: `article.files`"),
    name: z.string().min(1).default("name").describe("base64: key of the file's name"),
    type: z.string().min(1).default("type").describe("base64: key of its type"),
    data: z.string().min(1).default("data").describe("base64: key of its bytes"),
    maxBytes: z
      .int()
      .min(1)
      .max(104_857_600)
      .default(10_485_760)
      .describe("Largest file that the system takes"),
  })
  .describe("How files go along; absent: none do");

/** Each operation that stands here can be done; the others cannot, and Deskferry knows. */
export const operationSettings = z
  .strictObject({
    findContact: lookUp.optional().describe("Looks a person up before upsertContact"),
    upsertContact: write.describe("Makes a contact, or brings it up to date where the system does both"),
    updateContact: write.optional().describe("Brings a contact up to date that findContact found"),
    createTicket: write.describe("Makes a ticket"),
    addComment: z.strictObject({ ...write.shape, files: files.optional() }).describe("Adds a comment"),
    updateTicket: z
      .strictObject({ ...call, answer: answer.optional() })
      .optional()
      .describe("Sets a ticket's status"),
    findTicket: lookUp.optional().describe("Looks tickets up by our id"),
    findComment: lookUp.optional().describe("Looks comments of a ticket up by our id"),
    startChanges: lookUp.optional().describe("Tells the cursor of now; absent: listChanges without a cursor"),
    listChanges: lookUp.optional().describe("Lists changes after a cursor"),
    fetchAttachment: z.strictObject(address).optional().describe("Where the bytes of a file are"),
    checkConnection: z
      .strictObject({ ...call, answer: answer.optional() })
      .describe("A request that only a working account can make, for `deskferry check`"),
  })
  .superRefine((operations, context) => {
    for (const [name, operation] of Object.entries(operations)) {
      if (!operation) continue;
      for (const [setting, reason] of problemsOf(name as OperationName, operation)) {
        context.addIssue({ code: "custom", path: [name, setting], message: reason });
      }
    }
  });

export type FileSettings = z.output<typeof files>;
export type Address = z.output<z.ZodObject<typeof address>>;
/** What all operations but fetchAttachment have; the expressions where they are given. */
export type Call = z.output<z.ZodObject<typeof call>> & {
  answer?: string | undefined;
  duplicate?: string | undefined;
  files?: FileSettings | undefined;
};

function problemsOf(name: OperationName, operation: Call | Address): [string, string][] {
  const problems: [string, string][] = [];
  const known: readonly string[] = inputsOf[name];
  const { path, query = {}, headers = {} } = operation;
  for (const [setting, texts] of Object.entries({
    path: [path],
    query: Object.values(query),
    headers: Object.values(headers),
  })) {
    const odd = texts.flatMap(rootsIn).find((root) => !known.includes(root));
    if (odd === undefined) continue;
    const given = known.length > 0 ? `there are ${known.join(", ")}` : "there is none";
    problems.push([setting, `{${odd}} is nothing that ${name} is given; ${given}`]);
  }
  if (!("method" in operation)) return problems;
  if (operation.method === "GET" && operation.body) problems.push(["body", "a GET has no body; use query"]);
  if (operation.files?.as === "base64" && operation.send !== "json") {
    problems.push(["files", "base64 stands in a JSON body; use send: json"]);
  }
  if (operation.reads === "nothing" && operation.answer) {
    problems.push(["reads", "with nothing read, answer has nothing to look at"]);
  }
  return problems;
}
