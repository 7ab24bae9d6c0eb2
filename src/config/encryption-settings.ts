import { z } from "zod";

const LINE = /^[a-z0-9-]{1,20}:([0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/;

/** Lines of `ID:KEY`; in one text, as a file has them, or each by itself. */
const keys = z
  .array(z.string())
  .min(1)
  .max(20)
  .superRefine((texts, context) => {
    const lines = texts.flatMap((text) => text.split(/\s+/)).filter((line) => line !== "");
    const add = (message: string) => context.addIssue({ code: "custom", message });
    const wrong = lines.findIndex((line) => !LINE.test(line));
    if (lines.length === 0) add("hold no key; `deskferry keys new` makes one");
    // Never repeated: it may be a key but for a letter.
    if (wrong >= 0)
      add(
        `line ${wrong + 1} is not ID:KEY: ID 1 to 20 of a-z, 0-9, -; KEY 32 bytes in base64 or hexadecimal`,
      );
    const ids = lines.map((line) => line.split(":")[0]);
    if (new Set(ids).size < ids.length) add("two keys have the same id; give each one of its own");
  });

/** What contents in Redis are encrypted with; without it they stand there in clear. */
export const encryptionSettings = z.strictObject({
  keys: keys.meta({
    secret: true,
    description:
      "Keys as `ID:KEY`, one a line of a secret file or one an entry; `deskferry keys new` makes one. The first encrypts, all decrypt: put a new one first and keep the old until `deskferry keys rotate` is done",
  }),
  nameKey: z.string().min(32, "use 32 characters or more, drawn at random").meta({
    secret: true,
    description:
      "What our ids of people are made with, drawn at random. Never changes: who wrote before would be somebody new",
  }),
});
