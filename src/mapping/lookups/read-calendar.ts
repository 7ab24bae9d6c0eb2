import { DateTime, IANAZone } from "luxon";
import { z } from "zod";
import { type LookupFile, lookupProblem, readYaml } from "./lookup-file.ts";
import { type Calendar, type OpeningTime, weekdays } from "./lookups.ts";

const clock = "([01]?[0-9]|2[0-4]):([0-5][0-9])";
const OPENING = new RegExp(`^${clock}\\s*[-–]\\s*${clock}$`);

const opening = z.string().transform((text, context): OpeningTime => {
  const [, h1, m1, h2, m2] = OPENING.exec(text) ?? [];
  const from = Number(h1) * 60 + Number(m1);
  const to = Number(h2) * 60 + Number(m2);
  if (from < to && to <= 1440) return { from, to };
  context.addIssue(`write opening hours as "09:00-17:30", the later time second and not after 24:00`);
  return z.NEVER;
});

const dayOff = z
  .string()
  .refine(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text).isValid,
    "write days as 2026-12-25",
  );

const calendar = z.strictObject({
  zone: z.string().refine((zone) => IANAZone.isValidZone(zone), "must be a time zone, e.g. Asia/Kolkata"),
  hours: z.partialRecord(z.enum(weekdays), z.array(opening)),
  holidays: z.array(dayOff).max(1000).default([]),
});

/** Zone, opening hours by weekday and holidays, from YAML. Hours are put in order; overlaps are refused. */
export function readCalendar(file: LookupFile): Calendar {
  const { value, lineOf } = readYaml(file, calendar);
  const hours: Calendar["hours"] = {};
  for (const day of weekdays) {
    const list = (value.hours[day] ?? []).sort((a, b) => a.from - b.from);
    const overlaps = list.some(({ from }, index) => from < (list[index - 1]?.to ?? 0));
    const line = lineOf(["hours", day]);
    if (overlaps) throw lookupProblem(file, `the hours of ${day} overlap. Correct them`, line);
    if (list.length > 0) hours[day] = list;
  }
  if (Object.keys(hours).length > 0) return { ...value, hours };
  throw lookupProblem(file, "the calendar is never open. Give hours", lineOf(["hours"]));
}
