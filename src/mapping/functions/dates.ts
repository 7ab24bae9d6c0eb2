import { DateTime, IANAZone } from "luxon";
import { asOptionalText, asText, isNothing, type MappingFunction, refusal } from "./mapping-function.ts";

const MAX_FORMAT = 100;

/** A time in a zone, in luxon's tokens; without a format as ISO 8601 with the zone's offset. */
function date(time: unknown, zone: unknown, format?: unknown, language?: unknown): string | undefined {
  if (isNothing(time)) return undefined;
  const name = asText(zone ?? "", "$date", "second");
  if (!IANAZone.isValidZone(name)) {
    throw refusal("$date needs a time zone, Asia/Kolkata, as its second argument");
  }
  const moment = asMoment(time, "$date").setZone(name);
  const wanted = asOptionalText(format, "$date", "third");
  if (wanted === undefined) return moment.toISO({ suppressMilliseconds: true }) ?? undefined;
  if (wanted.length > MAX_FORMAT) throw refusal(`$date takes formats of at most ${MAX_FORMAT} characters`);
  const locale = asOptionalText(language, "$date", "fourth") ?? "en";
  return moment.setLocale(asLocale(locale)).toFormat(wanted);
}

/** Messages carry ISO 8601 with zone; without one the moment would depend on the machine. */
export function asMoment(value: unknown, name: string): DateTime<true> {
  const given = asText(value, name);
  const moment = DateTime.fromISO(given, { setZone: true });
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(given);
  if (moment.isValid && hasZone) return moment;
  throw refusal(`${name} needs a time with zone, 2026-11-23T09:00:00Z, as its first argument`);
}

function asLocale(language: string): string {
  try {
    return new Intl.Locale(language.replaceAll("_", "-")).toString();
  } catch {
    throw refusal("$date needs a language, hi or pt-BR, as its fourth argument");
  }
}

export const dateFunctions: MappingFunction[] = [
  {
    name: "date",
    signature: "$date(time, zone, format?, language?)",
    about:
      "A time in a zone (`Asia/Kolkata`), written with the tokens of Luxon (`d LLLL yyyy, HH:mm`) in a language, English by default; without `format` ISO 8601 with the zone's offset.",
    examples: [
      {
        expression: '$date("2026-11-23T18:40:00Z", "Asia/Kolkata")',
        gives: "2026-11-24T00:10:00+05:30",
      },
      {
        expression: '$date("2026-11-23T18:40:00Z", "Asia/Kolkata", "d LLLL yyyy, HH:mm", "hi")',
        gives: "24 नवंबर 2026, 00:10",
      },
    ],
    create: () => date,
  },
];
