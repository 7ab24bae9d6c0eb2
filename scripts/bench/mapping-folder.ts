import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { mappings } from "../sandbox-settings.ts";

const KEPT = ["contact", "ticket", "confirmation"];

/**
 * Writes a mapping folder into an empty one: the sandbox's, but each comment goes through so many lines, one rule each, as
 * mappings do that choose a team by words. Resolves with the bytes of comment.jsonata.
 */
export async function writeMappingOf(lines: number, folder: string): Promise<number> {
  for (const kind of KEPT) {
    const name = `${kind}.jsonata`;
    await cp(path.join(mappings, "sandbox", name), path.join(folder, name));
  }
  const file = path.join(folder, "comment.jsonata");
  await writeFile(file, commentOf(lines));
  return (await readFile(file)).length;
}

/** Writes a mapping folder that does what the flow by hand does with a message, and no more: `synchronous-flow.ts`. */
export async function writeMappingAsByHand(folder: string): Promise<void> {
  for (const [kind, text] of Object.entries(AS_BY_HAND))
    await writeFile(path.join(folder, `${kind}.jsonata`), text);
}

const AS_BY_HAND = {
  contact: `(
  $name := $trim($substring(person.name, 0, 100));
  { "name": $name ? $name : person.phone, "phone": person.phone }
)
`,
  ticket: `{ "subject": $substring($replace(message.text, /\\s+/, " "), 0, 80), "tags": ["whatsapp"] }
`,
  comment: `(
  $quote := message.refersTo ? "[In reply to an earlier message]";
  $forwarded := message.forwarded ? "[Forwarded]";
  {
    "body": $join([$quote, $forwarded, $substring(message.text, 0, 20000)], "\\n"),
    "visibility": message.type in ["system", "welcome"] ? "internal" : "public"
  }
)
`,
};

function commentOf(lines: number): string {
  const rules = Array.from(
    { length: lines },
    (_, index) => `  $team := $first = "word-${index}" ? "${index}" : $team;`,
  );
  return `(
  $first := $split($lowercase(message.text), " ")[0];
  $team := "";
${rules.join("\n")}
  { "body": $plain(message.text, 20000) & ($team ? " for " & $team), "visibility": "public" }
)
`;
}
