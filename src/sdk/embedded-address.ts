import { isIP } from "node:net";

/**
 * The IPv4 address that an IPv6 one stands for: mapped, compatible (RFC 4291), translated (RFC 7915), NAT64 (RFC 6052 and
 * 8215), 6to4 (RFC 3056) or Teredo (RFC 4380, where it is inverted). Networks that translate connect to that one.
 * Undefined where there is none.
 */
export function embeddedAddress(address: string): string | undefined {
  const groups = groupsOf(address);
  if (!groups) return undefined;
  const form = forms.find(({ begins }) => begins.every((group, index) => groups[index] === group));
  if (!form) return undefined;
  const [high = 0, low = 0] = groups.slice(form.at, form.at + 2).map((group) => group ^ (form.inverted ?? 0));
  // `::` and `::1` are addresses of their own.
  if (form.begins === compatible && high === 0) return undefined;
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

interface Form {
  begins: number[];
  /** Index of the first of its two groups. */
  at: number;
  inverted?: number;
}

const compatible = [0, 0, 0, 0, 0, 0];

const forms: Form[] = [
  { begins: [0, 0, 0, 0, 0, 0xffff], at: 6 },
  { begins: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  { begins: compatible, at: 6 },
  { begins: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { begins: [0x64, 0xff9b, 1], at: 6 },
  { begins: [0x2002], at: 1 },
  { begins: [0x2001, 0], at: 6, inverted: 0xffff },
];

/** The eight groups of an IPv6 address in any spelling. */
function groupsOf(address: string): number[] | undefined {
  const bare = bareAddress(address);
  if (isIP(bare) !== 6) return undefined;
  // URL writes each address in one way, dotted endings in hex.
  const written = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const missing = 8 - written.split(":").filter(Boolean).length;
  const groups = written.replace("::", `:${"0:".repeat(missing)}`).split(":");
  return groups.filter(Boolean).map((group) => Number.parseInt(group, 16));
}

/** An address without the brackets of a URL and without its zone. */
export function bareAddress(address: string): string {
  const [bare = ""] = address.replace(/[[\]]/g, "").split("%");
  return bare;
}
