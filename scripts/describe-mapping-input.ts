import { messageTypes } from "../src/domain/message.ts";
import { ticketStatuses } from "../src/domain/ticket.ts";
import { readInterface } from "./read-interface.ts";

const HEAD = `# What mapping files see

<!-- Generated from the types in src/domain/ by \`npm run docs\`. Do not edit. -->

What has a \`?\` may be missing. Real inputs of every type of message: [mapping-samples.md](mapping-samples.md).
Types of message: ${messageTypes.map((type) => `\`${type}\``).join(", ")}. Statuses of a ticket:
${ticketStatuses.map((status) => `\`${status}\``).join(", ")}.
`;

const inputs = "src/domain/mapping-input.ts";
const pages: { title: string; of: [file: string, name: string][] }[] = [
  {
    title: "`contact.jsonata` and `ticket.jsonata`",
    of: [
      [inputs, "MappingBase"],
      [inputs, "MessageInput"],
    ],
  },
  { title: "`route.jsonata`, besides", of: [[inputs, "RouteInput"]] },
  { title: "`comment.jsonata`, besides", of: [[inputs, "CommentInput"]] },
  {
    title: "`confirmation.jsonata`",
    of: [
      [inputs, "MappingBase"],
      [inputs, "ConfirmationInput"],
    ],
  },
  { title: "`person`: Person", of: [["src/domain/person.ts", "Person"]] },
  { title: "`message`: Message", of: [["src/domain/message.ts", "Message"]] },
  { title: "`message.media`: MediaRef", of: [["src/domain/message.ts", "MediaRef"]] },
  { title: "`message.location`: Location", of: [["src/domain/message.ts", "Location"]] },
  {
    title: "`ticket` in `confirmation.jsonata`: TicketSnapshot",
    of: [["src/domain/ticket.ts", "TicketSnapshot"]],
  },
];

/** docs/reference/mapping-input.md. */
export function describeMappingInput(): string {
  const sections = pages.map(({ title, of }) => {
    const read = of.map(([file, name]) => readInterface(file, name));
    const about = read.at(-1)?.about ?? "";
    const rows = read
      .flatMap(({ properties }) => properties)
      .map(
        ({ path, isOptional, type, about: words }) =>
          `| \`${path}\`${isOptional ? " ?" : ""} | ${inWords(type)} | ${words.replaceAll("|", "\\|")} |`,
      );
    return `## ${title}\n\n${about === "" ? "" : `${about}\n\n`}| Field | Value | |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return [HEAD, ...sections].join("\n");
}

/** TypeScript's words in those of somebody who maps. */
function inWords(type: string): string {
  if (type === "string") return "text";
  if (type === "boolean") return "true or false";
  if (type.startsWith("Record<")) return "object of the provider";
  if (type.startsWith("Extract<")) return "`ticket.changed`";
  return type.includes('"') ? type.replace(/"(\w+)"/g, "`$1`").replaceAll(" | ", " or ") : type;
}
