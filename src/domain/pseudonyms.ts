import { createHmac } from "node:crypto";
import { pseudoPhone, toE164 } from "./phone.ts";
import { pseudoCharacter } from "./pseudo-letters.ts";

/** What stands for what, under one key: the same always for the same, so that a person stays one person. */
export interface Pseudonyms {
  /** Words of the same length, script and case, but for those that are kept; digits, addresses, numbers replaced. */
  text(text: string): string;
  phone(phone: string): string;
  /** `US.1349…` keeps its country. */
  userId(id: string): string;
  /** An id of a provider or helpdesk, as hexadecimal digits. */
  id(id: string): string;
  number(value: number): number;
  /** Some other place on Earth. */
  place(latitude: number, longitude: number): { latitude: number; longitude: number };
  url(url: string): string;
}

const segmenter = new Intl.Segmenter("en", { granularity: "word" });
const ADDRESS = /\p{L}[\p{L}\p{N}+.-]*:\/\/\S+|www\.\S+|[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9]{7,15}/gu;

/** `keepWords` are compared without regard to case. */
export function createPseudonyms(key: string, keepWords: readonly string[] = []): Pseudonyms {
  const kept = new Set(keepWords.map((word) => word.toLowerCase()));

  /** `count` numbers from 0 to 255 for a value. */
  function numbers(kind: string, value: string, count: number): number[] {
    const result: number[] = [];
    for (let block = 0; result.length < count; block += 1) {
      result.push(...createHmac("sha256", key).update(`${kind}/${block}/${value}`).digest());
    }
    return result.slice(0, count);
  }

  function scramble(kind: string, value: string): string {
    const characters = [...value];
    const by = numbers(kind, value.toLowerCase(), characters.length);
    return characters.map((character, at) => pseudoCharacter(character, by[at] ?? 0)).join("");
  }

  /** Never the word itself: a short one could come out as it went in. */
  function word(value: string): string {
    if (!/[\p{L}\p{N}]/u.test(value) || kept.has(value.toLowerCase())) return value;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const other = scramble(`word${attempt}`, value);
      if (other.toLowerCase() !== value.toLowerCase()) return other;
    }
    return scramble("word", value);
  }

  const hex = (value: string) => Buffer.from(numbers("id", value, 10)).toString("hex");
  const words = (text: string) => [...segmenter.segment(text)].map(({ segment }) => word(segment)).join("");
  const phone = (value: string) =>
    pseudoPhone(value, (attempt, digits) => scramble(`phone${attempt}`, digits)) ?? scramble("phone", value);
  const url = (value: string) => `https://example.org/${hex(value)}`;

  function address(value: string): string {
    if (value.includes("@") && !value.includes("://")) return `${hex(value)}@example.org`;
    if (!/^\+?[0-9]+$/.test(value)) return url(value);
    const e164 = toE164(value);
    if (!e164) return word(value);
    return value.startsWith("+") ? phone(e164) : phone(e164).slice(1);
  }

  return {
    text: (text) => {
      let result = "";
      let end = 0;
      for (const match of text.matchAll(ADDRESS)) {
        result += words(text.slice(end, match.index)) + address(match[0]);
        end = match.index + match[0].length;
      }
      return result + words(text.slice(end));
    },
    phone,
    userId: (id) => {
      const [, country = "", rest = id] = /^([A-Z]{2}\.(?:ENT\.)?)(.*)$/.exec(id) ?? [];
      return country + scramble("user", rest);
    },
    id: hex,
    url,
    number: (value) => Number(scramble("number", String(value).replace(/e.*$/i, ""))),
    place: (latitude, longitude) => {
      const [a = 0, b = 0, c = 0, d = 0] = numbers("place", `${latitude} ${longitude}`, 4);
      return {
        latitude: Number((((a * 256 + b) / 65_536) * 160 - 80).toFixed(4)),
        longitude: Number((((c * 256 + d) / 65_536) * 360 - 180).toFixed(4)),
      };
    },
  };
}
