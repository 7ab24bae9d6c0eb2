/** Value of a cell: CSV makes texts only. */
export type Cell = string | number | boolean;

/** Key → a value, or a row with its columns. */
export type Table = Record<string, Cell | Record<string, Cell>>;

export const weekdays = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type Weekday = (typeof weekdays)[number];

/** Minutes since local midnight, `from` before `to`; `to` is at most 1440. */
export interface OpeningTime {
  from: number;
  to: number;
}

/** When an office works. */
export interface Calendar {
  /** IANA time zone. */
  zone: string;
  /** In order, without overlaps; a day without hours is closed. */
  hours: Partial<Record<Weekday, OpeningTime[]>>;
  /** Closed days, `2026-12-25`. */
  holidays: string[];
}

/** Texts in several languages. */
export interface Labels {
  /** Language in the end, when neither the wanted one nor a broader one is there. */
  fallback: string;
  /** Key → language (BCP 47) → text. */
  texts: Record<string, Record<string, string>>;
}

/** What stands beside the files of a mapping folder for their functions. Data only: it travels to children as JSON. */
export interface Lookups {
  tables: Record<string, Table>;
  calendars: Record<string, Calendar>;
  labels?: Labels;
}

export const noLookups: Lookups = { tables: {}, calendars: {} };
