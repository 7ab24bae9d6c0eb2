import { describePhone, type PhoneDescription } from "../../domain/phone.ts";
import { asOptionalText, asText, isNothing, type MappingFunction, refusal } from "./mapping-function.ts";

/** Longer than any way of writing a number. */
const MAX_PHONE = 60;

/** Nothing for what is no phone number. `country` (GB) tells how to read a number without its country code. */
export function phone(text: unknown, country?: unknown): PhoneDescription | undefined {
  if (isNothing(text)) return undefined;
  const given = asText(text, "$phone");
  const home = asOptionalText(country, "$phone", "second");
  if (home !== undefined && !/^[A-Z]{2}$/.test(home)) {
    throw refusal("$phone needs a country as two capital letters (ISO 3166, GB) as its second argument");
  }
  return given.length > MAX_PHONE ? undefined : describePhone(given, home);
}

export const phoneFunctions: MappingFunction[] = [
  {
    name: "phone",
    signature: "$phone(text, country?)",
    about:
      "A phone number taken apart; nothing for what is none. `country` (GB) is for numbers written without their country code. `.country` is missing where several share a code and the number does not tell.",
    examples: [
      {
        expression: '$phone("020 7946 0958", "GB")',
        gives: { e164: "+442079460958", country: "GB", national: "020 7946 0958" },
      },
      { expression: '$phone(person.phone).country = "KE"', gives: true },
    ],
    create: () => phone,
  },
];
