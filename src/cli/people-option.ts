import { type Command, Option } from "commander";
import { personNamed } from "../app/personal-data.ts";

/** The option that names people; may be given several times. */
export function peopleOption(): Option {
  return personOption().makeOptionMandatory();
}

/** The same where nobody need be named. */
export function personOption(): Option {
  return new Option(
    "--person <id>",
    "phone number with country code (+447700900123) or WhatsApp's user id (GB.1349…); may be repeated",
  ).argParser((text: string, before: string[] = []) => [...before, text]);
}

/** Ends the command for what is neither, without repeating it: it may be somebody's number, misspelt. */
export function peopleNamed(texts: readonly string[], command: Command) {
  return texts.map((text, index) => {
    const says = `--person, the ${index + 1}. of ${texts.length}: give a phone number with country code, or a user id.`;
    return personNamed(text) ?? command.error(says, { exitCode: 2 });
  });
}
