/** Makes ids in the shapes that Meta uses. */
export interface Ids {
  /** `wamid.` and base64 that holds the phone number, as the real ones do: never to be logged. */
  wamid(person: string, direction: "in" | "out"): string;
  /** Decimal digits, as media and webhook ids. */
  digits(count: number): string;
  /** 0 up to but not including 1. */
  chance(): number;
}

export function createIds(random: (bytes: number) => Buffer): Ids {
  return {
    wamid(person, direction) {
      const owner = Buffer.from(person.replace(/^\+/, ""), "latin1");
      const tail = Buffer.from(random(9).toString("hex").toUpperCase(), "latin1");
      const head = Buffer.from([0x1c, 0x18, owner.length]);
      const middle = Buffer.from([0x15, 0x02, 0x00, direction === "in" ? 0x12 : 0x11, 0x18, tail.length]);
      const bytes = Buffer.concat([head, owner, middle, tail, Buffer.from([0])]);
      return `wamid.${bytes.toString("base64")}`;
    },
    digits(count) {
      const all = BigInt(`0x${random(count).toString("hex")}`).toString();
      return all.slice(-count).replace(/^0/, "1").padStart(count, "7");
    },
    chance: () => random(4).readUInt32BE(0) / 2 ** 32,
  };
}
