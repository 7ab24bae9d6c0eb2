import { cleanText } from "deskferry/sdk";
import { z } from "zod";

/** Odoo writes `false` where it has nothing. */
export const text = z
  .union([z.string(), z.literal(false)])
  .nullish()
  .transform((value) => (typeof value === "string" ? value : undefined));

/** A field that leads to one record: its number and its name. */
export const link = z
  .union([z.tuple([z.number().int(), z.union([z.string(), z.literal(false)])]), z.literal(false)])
  .nullish()
  .transform((value) => (Array.isArray(value) ? { id: value[0], name: value[1] || "" } : undefined));

export type Link = z.output<typeof link>;

export const numbers = z.array(z.number().int());

/** What makes one record returns its number by JSON-RPC, and a list of it by JSON-2. */
export const madeId = z
  .union([z.number().int(), z.array(z.number().int()).length(1)])
  .transform((value) => (Array.isArray(value) ? (value[0] ?? 0) : value));

/** A time as Odoo keeps it, in UTC and without saying so: `2026-11-23 09:00:00`. */
export const moment = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);

/** Milliseconds since 1970. */
export function timeOf(odoos: string): number {
  return Date.parse(`${odoos.slice(0, 19).replace(" ", "T")}Z`);
}

export function inOdoosWords(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

/** Without control characters: PostgreSQL refuses NUL, and HTML knows none of the others. */
export function clean(value: string): string {
  return cleanText(value).toWellFormed();
}

export function oneLine(value: string): string {
  return clean(value).replace(/\s+/g, " ").trim();
}

/** Odoo's own number of a record; 0, which none has, for what is no number. */
export function numberOf(id: string): number {
  return /^\d{1,9}$/.test(id) ? Number(id) : 0;
}
