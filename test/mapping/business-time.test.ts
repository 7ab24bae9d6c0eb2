import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import { addBusinessTime, isOpenAt } from "../../src/mapping/functions/business-time.ts";
import { type Calendar, type OpeningTime, weekdays } from "../../src/mapping/lookups/lookups.ts";
import { cpuMsOf } from "../support/cpu-time.ts";

const MINUTE = 60_000;
/** Lord Howe moves its clocks by half an hour, Apia left out a whole day, Casablanca is summer time but for Ramadan. */
const zones = [
  "Asia/Kolkata",
  "Europe/London",
  "America/New_York",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Africa/Casablanca",
  "UTC",
];

const anyDay: fc.Arbitrary<OpeningTime[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 96 }), { maxLength: 6 })
  .map((quarters) => quarters.sort((a, b) => a - b).map((quarter) => quarter * 15))
  .map((edges) =>
    edges.flatMap((from, index) =>
      index % 2 === 0 && edges[index + 1] !== undefined ? [{ from, to: Number(edges[index + 1]) }] : [],
    ),
  );

const anyCalendar: fc.Arbitrary<Calendar> = fc
  .record({
    zone: fc.constantFrom(...zones),
    hours: fc.record(Object.fromEntries(weekdays.map((day) => [day, anyDay]))),
    holidays: fc.uniqueArray(fc.constantFrom("2026-03-29", "2026-10-25", "2026-11-01", "2026-12-25"), {
      maxLength: 3,
    }),
  })
  .filter(({ hours }) => Object.values(hours).filter((day) => (day?.length ?? 0) > 0).length >= 2);

/** Days around the changes of clocks, too. */
const anyStart = fc
  .oneof(
    fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
    fc
      .constantFrom("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05")
      .chain((day) =>
        fc.integer({ min: -1440, max: 2880 }).map((minutes) => Date.parse(day) + minutes * MINUTE),
      ),
  )
  .map((time) => DateTime.fromMillis(Math.floor(time / MINUTE) * MINUTE, { zone: "UTC" }));

/** Minutes open from `start` until before `end`, counted one by one from the wall clock alone. */
function openMinutes(start: DateTime, end: DateTime, { zone, hours, holidays }: Calendar): number {
  let count = 0;
  const clock = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "long",
    hourCycle: "h23",
  });
  for (let at = start.toMillis(); at < end.toMillis(); at += MINUTE) {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = hours[String(parts["weekday"]).toLowerCase() as (typeof weekdays)[number]] ?? [];
    const minute = Number(parts["hour"]) * 60 + Number(parts["minute"]);
    const isHoliday = holidays.includes(`${parts["year"]}-${parts["month"]}-${parts["day"]}`);
    if (!isHoliday && day.some(({ from, to }) => from <= minute && minute < to)) count += 1;
  }
  return count;
}

describe("opening time", () => {
  test("that is added is what the wall clock counts, in every zone and over changes of clocks", () => {
    fc.assert(
      fc.property(anyCalendar, anyStart, fc.integer({ min: 1, max: 900 }), (calendar, start, minutes) => {
        const end = addBusinessTime(start, minutes * MINUTE, calendar);
        // Where an hour comes twice or a stretch begins in a skipped one, a clock on the wall is ambiguous.
        if (changesClocks(start, end, calendar.zone)) return;
        expect(openMinutes(start, end, calendar)).toBe(minutes);
      }),
      { numRuns: 60 },
    );
  });

  test("added in two parts is the same as added at once, and more is never earlier", () => {
    fc.assert(
      fc.property(
        anyCalendar,
        anyStart,
        fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 })),
        (calendar, start, [a, b]) => {
          const once = addBusinessTime(start, (a + b) * MINUTE, calendar);
          const first = addBusinessTime(start, a * MINUTE, calendar);
          expect(addBusinessTime(first, b * MINUTE, calendar).toMillis()).toBe(once.toMillis());
          expect(once.toMillis()).toBeGreaterThan(first.toMillis());
          // Just before the end the office is open.
          expect(isOpenAt(once.minus(1), calendar)).toBe(true);
        },
      ),
    );
  });

  const nights: Calendar = {
    zone: "Europe/London",
    hours: { saturday: [{ from: 0, to: 1440 }], sunday: [{ from: 0, to: 1440 }] },
    holidays: [],
  };

  test.each([
    // 29 March 2026 has 23 hours in London, 25 October 25.
    ["2026-03-28T00:00:00Z", 47, "2026-03-29T23:00:00.000Z"],
    ["2026-10-23T23:00:00Z", 49, "2026-10-26T00:00:00.000Z"],
  ])("of a weekend with a change of clocks: %s and %d hours", (start, hours, end) => {
    const made = addBusinessTime(DateTime.fromISO(start), hours * 60 * MINUTE, nights);
    expect(made.toUTC().toISO()).toBe(end);
  });

  test("that is never found is an error within its bounds, and so is a holiday on each day", () => {
    const days = Array.from({ length: 500 }, (_, n) =>
      DateTime.fromISO("2026-01-01").plus({ days: n }).toISODate(),
    );
    const closed: Calendar = { ...nights, holidays: days.map(String) };
    const search = () => addBusinessTime(DateTime.fromISO("2026-01-01T00:00:00Z"), MINUTE, closed);
    const message = expect.stringMatching(/too little opening time within 400 days/);
    const took = cpuMsOf(() => expect(search).toThrow(expect.objectContaining({ message })));
    expect(took).toBeLessThan(200);
  });
});

function changesClocks(start: DateTime, end: DateTime, zone: string): boolean {
  for (
    let day = start.setZone(zone).startOf("day");
    day <= end.plus({ days: 1 });
    day = day.plus({ days: 1 })
  ) {
    if (day.plus({ days: 1 }).startOf("day").offset !== day.offset) return true;
  }
  return false;
}
