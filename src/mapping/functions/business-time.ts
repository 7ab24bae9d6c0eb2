import { DateTime } from "luxon";
import { type Calendar, type Lookups, type OpeningTime, weekdays } from "../lookups/lookups.ts";
import { asMoment } from "./dates.ts";
import { asText, isNothing, type MappingFunction, refusal } from "./mapping-function.ts";
import { ownValue } from "./table.ts";

const MINUTE_MS = 60_000;
const MAX_MINUTES = 60 * 1000;
/** Further than this no time is looked for: a calendar that is never open must not run for ever. */
const MAX_DAYS = 400;

/** From `from` until before `to`, milliseconds since 1970. */
interface Stretch {
  from: number;
  to: number;
}

/** The moment when an office that opens by this calendar has worked for so long, counted from `start`. */
export function addBusinessTime(start: DateTime, durationMs: number, calendar: Calendar): DateTime {
  let left = durationMs;
  for (const { from, to } of openings(start, calendar)) {
    if (left <= to - from) return DateTime.fromMillis(from + left, { zone: calendar.zone });
    left -= to - from;
  }
  throw refusal(
    `$addBusinessTime found too little opening time within ${MAX_DAYS} days. Look at the calendar's hours and holidays`,
  );
}

/** Open at `moment`; the closing minute itself is closed. */
export function isOpenAt(moment: DateTime, calendar: Calendar): boolean {
  return stretchesOf(moment.setZone(calendar.zone).startOf("day"), calendar).some(
    ({ from, to }) => from <= moment.toMillis() && moment.toMillis() < to,
  );
}

/** What is open from `start` on, in order. */
function* openings(start: DateTime, calendar: Calendar): Generator<Stretch> {
  const now = start.toMillis();
  const first = start.setZone(calendar.zone).startOf("day");
  for (let days = 0; days < MAX_DAYS; days += 1) {
    for (const { from, to } of stretchesOf(first.plus({ days }), calendar)) {
      if (to > now) yield { from: Math.max(from, now), to };
    }
  }
}

function stretchesOf(day: DateTime, { hours, holidays }: Calendar): Stretch[] {
  const weekday = weekdays[day.weekday - 1];
  if (!weekday || holidays.includes(day.toFormat("yyyy-MM-dd"))) return [];
  return (hours[weekday] ?? []).map((opening) => onDay(day, opening)).filter(({ from, to }) => from < to);
}

/** By the clock on the wall: where an hour is skipped or comes twice that day, so it does in the office. */
function onDay(day: DateTime, { from, to }: OpeningTime): Stretch {
  const at = (minutes: number) =>
    minutes === 1440
      ? day.plus({ days: 1 }).toMillis()
      : day.set({ hour: Math.floor(minutes / 60), minute: minutes % 60 }).toMillis();
  return { from: at(from), to: at(to) };
}

function asMinutes(value: unknown): number {
  const [, hours = "0", minutes = "0"] =
    /^\s*(?:(\d{1,4})h)?\s*(?:(\d{1,5})m)?\s*$/.exec(asText(value, "$addBusinessTime", "second")) ?? [];
  const all = Number(hours) * 60 + Number(minutes);
  if (all > 0 && all <= MAX_MINUTES) return all;
  throw refusal(
    '$addBusinessTime needs a time of at most 1000 hours, "8h" or "1h 30m", as its second argument',
  );
}

function calendarOf({ calendars }: Lookups, value: unknown, name: string, place: string): Calendar {
  const calendar = ownValue(calendars, asText(value ?? "", name, place));
  if (calendar) return calendar;
  throw refusal(`${name} needs the name of a file in calendars/ as its ${place} argument, without .yaml`);
}

export const businessTimeFunctions: MappingFunction[] = [
  {
    name: "addBusinessTime",
    signature: "$addBusinessTime(time, duration, calendar)",
    about:
      'The time when the office of `calendars/<calendar>.yaml` has been open for `duration` ("8h", "1h 30m") since `time`, as ISO 8601 with its offset. For due times.',
    examples: [
      {
        expression: '$addBusinessTime("2026-11-20T12:00:00Z", "3h", "office")',
        gives: "2026-11-23T12:00:00+05:30",
      },
    ],
    create: (lookups) => (time, duration, calendar) => {
      if (isNothing(time)) return undefined;
      const start = asMoment(time, "$addBusinessTime");
      const hours = calendarOf(lookups, calendar, "$addBusinessTime", "third");
      const end = addBusinessTime(start, asMinutes(duration) * MINUTE_MS, hours);
      return end.toISO({ suppressMilliseconds: true });
    },
  },
  {
    name: "isOpen",
    signature: "$isOpen(time, calendar)",
    about: "Whether the office of `calendars/<calendar>.yaml` is open at this time.",
    examples: [{ expression: '$isOpen("2026-11-22T06:00:00Z", "office")', gives: false }],
    create: (lookups) => (time, calendar) =>
      isNothing(time)
        ? undefined
        : isOpenAt(asMoment(time, "$isOpen"), calendarOf(lookups, calendar, "$isOpen", "second")),
  },
];
