import { expect, test } from "vitest";
import { createIds } from "../../src/sandbox/graph/ids.ts";

/** Random bytes that end in this number. */
const drawing = (value: number) => (bytes: number) => {
  const drawn = Buffer.alloc(bytes);
  drawn.writeUIntBE(value, bytes - 4, 4);
  return drawn;
};

test.each([
  ["in", 0x12],
  ["out", 0x11],
] as const)("the id of a message going %s holds the phone and the direction", (direction, mark) => {
  const wamid = createIds((bytes) => Buffer.alloc(bytes, 0xab)).wamid("+447700900123", direction);
  expect(wamid.slice(0, 6)).toBe("wamid.");
  expect([...Buffer.from(wamid.slice(6), "base64")]).toEqual([
    ...[0x1c, 0x18, 12],
    ...Buffer.from("447700900123"),
    ...[0x15, 0x02, 0x00, mark, 0x18, 18],
    ...Buffer.from("ABABABABABABABABAB"),
    0,
  ]);
});

test("only a plus in front of a phone is left out of a message's id", () => {
  const wamid = createIds((bytes) => Buffer.alloc(bytes)).wamid("GB.1+2", "in");
  expect(Buffer.from(wamid.slice(6), "base64").subarray(3, 9).toString("latin1")).toBe("GB.1+2");
});

test.each([
  [0, 5, "77771"],
  [12_345, 5, "12345"],
  [987_612_345, 5, "12345"],
  [987_600_345, 5, "10345"],
  [42, 6, "777742"],
])("digits drawn from %i are %i in number: %s", (value, count, digits) => {
  expect(createIds(drawing(value)).digits(count)).toBe(digits);
});

test.each([
  [0, 0],
  [2 ** 31, 0.5],
  [2 ** 32 - 1, 1 - 2 ** -32],
])("a chance drawn from %i is %d, always below 1", (value, chance) => {
  expect(createIds(drawing(value)).chance()).toBe(chance);
});
