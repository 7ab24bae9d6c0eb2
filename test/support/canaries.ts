/** A piece of personal data or a secret that is findable wherever it turns up. */
export interface Canary {
  kind: string;
  /** As it is handed in: `+447700900217`, `Zq017texT and what follows`. */
  value: string;
  /** What is looked for. */
  mark: string;
}

/**
 * Hands out canaries, each once. Phones are of the range that no one has (Ofcom's for drama); everything else bears a
 * word of letters and digits that no redaction by shape can know.
 */
export function createCanaries() {
  const all: Canary[] = [];
  const number = (digits: number) => String(all.length).padStart(digits, "0");
  const add = (kind: string, mark: string, value: string): string => {
    all.push({ kind, mark, value });
    return value;
  };
  const word = (kind: string) => `Zq${number(3)}${kind}Xv`;
  return {
    all: all as readonly Canary[],
    phone: () => add("phone", `7700900${number(3)}`, `+447700900${number(3)}`),
    userId: () => {
      const mark = `Qz${number(3)}UserIdOfSomebody`;
      return add("user id", mark, `GB.${mark}`);
    },
    name: () => add("name", word("Name"), word("Name")),
    text: (begin = "") => add("text", word("Text"), `${begin}${word("Text")} is broken`),
    file: (ending: string) => add("file name", word("File"), `${word("File")}.${ending}`),
    secret: () => add("secret", word("Secret"), word("Secret")),
  };
}

/** Kinds and marks of the canaries that a text holds in any of the forms that texts take on their way. */
export function findCanaries(text: string, canaries: readonly Canary[]): string[] {
  const lower = text.toLowerCase();
  return canaries.flatMap(({ kind, mark }) => {
    const { plain, cased } = formsOf(mark);
    const form = [
      ...plain.filter((each) => lower.includes(each)),
      ...cased.filter((each) => text.includes(each)),
    ];
    return form.length > 0 ? [`${kind} ${mark} as ${form[0]}`] : [];
  });
}

export function formsOf(mark: string): { plain: string[]; cased: string[] } {
  const bytes = Buffer.from(mark);
  const each = (write: (byte: number) => string) => [...bytes].map(write).join("").toLowerCase();
  const hex = (byte: number) => byte.toString(16).padStart(2, "0");
  return {
    plain: [
      mark.toLowerCase(),
      each((byte) => `%${hex(byte)}`),
      each((byte) => `\\u00${hex(byte)}`),
      each((byte) => `\\x${hex(byte)}`),
      each((byte) => `&#${byte};`),
      bytes.toString("hex"),
      Buffer.from(mark, "utf16le").toString("latin1").toLowerCase(),
      // Phones as people and templates write them.
      ...(/^\d{10}$/.test(mark)
        ? [`${mark.slice(0, 4)} ${mark.slice(4)}`, `${mark.slice(0, 4)}-${mark.slice(4)}`]
        : []),
    ],
    cased: [0, 1, 2].flatMap((offset) => base64At(bytes, offset)),
  };
}

/** How base64 writes these bytes when `offset` others of a group of three stand before them, without the edges. */
function base64At(bytes: Buffer, offset: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const kept = whole.subarray(0, whole.length - (whole.length % 3)).toString("base64");
  const inner = kept.slice(offset === 0 ? 0 : 4);
  return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
}
