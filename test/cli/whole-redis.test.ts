import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PrivateRedis, startPrivateRedis } from "../../scripts/private-redis.ts";
import { noCipher } from "../../src/store/cipher.ts";
import { appendArguments } from "../../src/store/mailbox.ts";
import { runScript } from "../../src/store/scripts.ts";
import { messageReceived, person, phone } from "../support/builders.ts";
import { cipherWith, encryptionWith } from "../support/ciphers.ts";
import { type CommandSetup, setUpCommands } from "./command-setup.ts";

/** A person is looked for in all channels: with the Redis of all tests, erasing them would be felt elsewhere. */
let server: PrivateRedis;
beforeAll(async () => {
  server = await startPrivateRedis({ say: () => undefined });
});
afterAll(() => server.stop());

async function write({ redis, channel }: CommandSetup, n: number, cipher = noCipher): Promise<void> {
  const event = messageReceived({ person: person(n), message: { text: `canary of ${n}` } });
  const delivery = { channel, lane: "in" as const, event, person: { seen: person(n) } };
  await runScript(redis, "append", appendArguments(delivery, cipher));
}

describe("deskferry keys", () => {
  it("lists how much needs each key, puts everything under the first, and names what may be removed", async () => {
    const old = await setUpCommands({ url: server.url, encryption: encryptionWith(1) });
    const both = await setUpCommands({ url: server.url, encryption: encryptionWith(2, 1) });
    await old.redis.flushall();
    expect((await both.deskferry("keys", "list")).out).toBe(
      "k2  encrypts  0 values\nk1  decrypts  0 values  not needed\n",
    );
    await write(old, 1, cipherWith(1));
    await write(both, 2, noCipher);
    const before = (await both.deskferry("keys", "list")).out;
    expect(before).toMatch(
      /^k2 {2}encrypts {2}0 values\nk1 {2}decrypts {2}[1-9]\d* values\n\(in clear\) {2}[1-9]\d* values\n$/,
    );

    const { code, out, err } = await both.deskferry("keys", "rotate", "--wait-seconds", "0");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^([1-9]\d*) values are under the first key now\nk2 {2}encrypts {2}[1-9]\d* values\n/,
    );
    expect(out).toMatch(
      /k1 {2}decrypts {2}0 values {2}not needed\nmay be removed once every process encrypts with the first: k1\n$/,
    );
    expect(err).not.toContain("cannot be decrypted");
  });

  it("fails where something is under a key that the settings do not have, and leaves it as it is", async () => {
    const lost = await setUpCommands({ url: server.url, encryption: encryptionWith(3) });
    await lost.redis.flushall();
    await write(lost, 1, cipherWith(9));
    expect((await lost.deskferry("keys", "list")).out).toMatch(/\nk9 {2}missing {2}[1-9]\d* values\n/);
    const { code, out, err } = await lost.deskferry("keys", "rotate", "--wait-seconds", "0");
    expect(code).toBe(1);
    expect(err).toMatch(/key "k9": [1-9]\d* values cannot be decrypted; they stay as they are\n/);
    expect(out).not.toContain("may be removed");
    await lost.redis.flushall();
  });
});

describe("deskferry export, erase and receipt", () => {
  it("tell what is held of a person, forget it with a receipt, and verify the receipt", async () => {
    const setup = await setUpCommands({ url: server.url });
    await write(setup, 1);
    await write(setup, 2);
    const held = await setup.deskferry("export", "--person", phone(1));
    const shown = JSON.parse(held.out);
    expect(shown).toMatchObject({ person: { phone: phone(1) } });
    expect(Object.keys(shown.channels)).toEqual([setup.channel]);
    expect(held.out).toContain("canary of 1");
    expect(held.out).not.toContain("canary of 2");

    const erased = await setup.deskferry("erase", "--person", phone(1), "--wait-seconds", "0");
    expect(erased.code).toBe(0);
    expect(erased.out).not.toContain(phone(1));
    expect((await setup.deskferry("export", "--person", phone(1))).out).not.toContain("canary");
    expect((await setup.deskferry("export", "--person", phone(2))).out).toContain("canary of 2");

    const file = join(setup.folder, "receipts.jsonl");
    await writeFile(file, erased.out);
    const verified = await setup.deskferry("receipt", file, "--person", phone(1));
    expect([verified.code, verified.out]).toEqual([
      0,
      expect.stringMatching(/^1 {2}\S+Z {2}made here, unchanged {2}in the audit log {2}nothing is held\n$/),
    ]);
    await write(setup, 1);
    const again = await setup.deskferry("receipt", file, "--person", phone(1));
    expect([again.code, again.out]).toEqual([
      1,
      expect.stringMatching(/FAIL: \d+ things are held by now\n$/),
    ]);
    await writeFile(file, `${erased.out.replace(/"at":"2/, '"at":"1')}no receipt\n`);
    const changed = await setup.deskferry("receipt", file);
    expect(changed.code).toBe(1);
    expect(changed.out).toContain("FAIL: changed, or made with another Redis");
    expect(changed.out).toMatch(/\n2 {2}not a receipt {2}/);
  });

  it.each([
    ["export", []],
    ["erase", []],
    ["erase", ["--wait-seconds", "x"]],
    ["receipt", ["/nowhere/receipts"]],
  ])("%s %j refuses who is nobody, without repeating it: it may be a number misspelt", async (name, more) => {
    const setup = await setUpCommands({ url: server.url });
    const { code, err, out } = await setup.deskferry(
      name,
      ...more,
      "--person",
      phone(1),
      "--person",
      "07700 9",
    );
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(
      /^--(wait-seconds takes a number of seconds\.|person, the 2\. of 2: give a phone number with country code, or a user id\.)\n$/,
    );
    expect(err).not.toContain("07700");
  });

  it("a file without a receipt is none", async () => {
    const setup = await setUpCommands({ url: server.url });
    const file = join(setup.folder, "empty");
    await writeFile(file, "\n \n");
    expect(await setup.deskferry("receipt", file)).toMatchObject({
      code: 2,
      err: "There is no receipt in the file.\n",
    });
  });
});
