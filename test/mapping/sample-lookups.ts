import type { Lookups, OpeningTime } from "../../src/mapping/lookups/lookups.ts";

const office: OpeningTime[] = [
  { from: 9 * 60 + 30, to: 13 * 60 },
  { from: 14 * 60, to: 18 * 60 },
];

/** As read from test/mapping/sample-lookups/, which a test compares. */
export const sampleLookups: Lookups = {
  tables: {
    wards: {
      "11": { queue: "Water works north", officer: "A. Khan" },
      "12": { queue: "Water works south", officer: "R. Nair" },
    },
    urgent: { fire: "urgent", leak: "high", lives: 3 },
  },
  calendars: {
    office: {
      zone: "Asia/Kolkata",
      hours: { monday: office, tuesday: office, wednesday: office, thursday: office, friday: office },
      holidays: ["2026-12-25", "2027-01-26"],
    },
  },
  labels: {
    fallback: "en",
    texts: {
      photo: { en: "Photo", hi: "फ़ोटो", ur: "تصویر", ar: "صورة" },
      from: { en: "from {name}", hi: "{name} से", ur: "{name} کی طرف سے", ar: "من {name}" },
    },
  },
};
