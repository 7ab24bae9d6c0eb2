import { expect, test } from "vitest";
import { createPersonalData } from "../../src/store/personal/personal-data.ts";
import { eraseOptions, nth, openCity } from "./erase-setup.ts";

const asked = { phone: nth(1).phone };

test("S44: a receipt is known as ours and true; one that was changed, or of another Redis, is not", async () => {
  const city = await openCity({ encrypted: true });
  await city.seed(1);
  const [receipt] = await city.data.erase([asked], eraseOptions);
  const text = JSON.stringify(receipt);
  const verify = (changed: string) => city.data.verifyReceipt(changed, [{ phone: nth(2).phone }, asked]);
  const good = { at: receipt?.at, isOurs: true, isRecorded: true, held: 0 };
  expect(await verify(text)).toEqual(good);
  expect(await verify(` ${text}\n`)).toEqual(good);
  for (const [from, to] of [
    ['"waitingEvents":3', '"waitingEvents":4'],
    ['"keptOptOuts":0', '"keptOptOuts":1'],
    ['"rewritten"', '"off"'],
  ] as const) {
    expect(text).toContain(from);
    expect(await verify(text.replace(from, to))).toMatchObject({ isOurs: false, isRecorded: true });
  }
  const foreign = text.replace(/"person":"[0-9a-f]+"/, `"person":"${"0".repeat(64)}"`);
  expect(await verify(foreign)).toEqual({ at: receipt?.at, isOurs: false, isRecorded: false });
  for (const odd of ["", "{", "null", "[]", "{}"])
    expect(await verify(odd)).toEqual({ isOurs: false, isRecorded: false });

  // Who writes again is somebody new, of whom something is held.
  await city.seed(1);
  expect(await verify(text)).toMatchObject({ isOurs: true, held: expect.any(Number) });
  expect((await verify(text)).held).toBeGreaterThan(0);
  expect(await city.data.verifyReceipt(text, [])).toEqual({
    at: receipt?.at,
    isOurs: true,
    isRecorded: true,
  });

  const other = await openCity();
  const { isOurs, isRecorded } = await other.data.verifyReceipt(text, [asked]);
  expect([isOurs, isRecorded]).toEqual([false, false]);
  expect(await createPersonalData(other.redis).proofOf("")).not.toBe(receipt?.proof);
});

test("S44: what is encrypted is exported in clear, and its receipt says nothing of the person", async () => {
  const city = await openCity({ encrypted: true });
  await city.seed(1);
  const text = JSON.stringify(await city.data.export(asked));
  const { phone, userId, ticket, reply } = nth(1);
  for (const word of [
    phone,
    userId,
    ticket,
    reply,
    "AdaLovelace1x",
    "contact-1-",
    "input-1-",
    "waiting-1-",
    "dead-1-",
  ])
    expect(text).toContain(word);
  expect(text).not.toMatch(/enc:k1/);
  const [receipt] = await city.data.erase([{ userId }], eraseOptions);
  expect(JSON.stringify(receipt)).not.toMatch(/7009|GB\.|Ada/);
  expect(await city.data.export(asked)).toEqual({});
});
