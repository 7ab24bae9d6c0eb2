import { readEntry } from "../domain/audit.ts";
import type { Person } from "../domain/person.ts";
import type { Audits } from "../store/audits.ts";
import type { PersonalData } from "../store/personal/personal-data.ts";

export interface VerifyTools {
  data: PersonalData;
  audits: Audits;
  /** Channels of the settings, whose audit logs tell of erasures. */
  configured: readonly string[];
  /** All that anything is held of. */
  channels: readonly string[];
  connections: readonly string[];
}

/** What a receipt of erasure proves, on the Redis that it was made on. */
export interface ReceiptVerdict {
  /** When it was made; undefined where it is no receipt. */
  at?: string;
  /** Made here, and unchanged since. */
  isOurs: boolean;
  /** The audit log tells of an erasure of the same person. */
  isRecorded: boolean;
  /** How much is held now of the one whom it is about; absent unless they are among those asked about. */
  held?: number;
}

/** `text`: a receipt as it was printed. `people`: whom it may be about; a receipt alone names nobody. */
export async function verifyReceipt(
  text: string,
  people: readonly Person[],
  tools: VerifyTools,
): Promise<ReceiptVerdict> {
  const receipt = parsed(text);
  if (!receipt) return { isOurs: false, isRecorded: false };
  const { proof, ...rest } = receipt;
  const isOurs = proof === (await tools.data.proofOf(JSON.stringify(rest)));
  const held = await heldOf(receipt.person, people, tools);
  return {
    at: receipt.at,
    isOurs,
    isRecorded: await isRecorded(receipt.person, tools),
    ...(held === undefined ? {} : { held }),
  };
}

function parsed(text: string): { person: string; at: string; proof: string } | undefined {
  try {
    const found = JSON.parse(text) as Record<string, unknown> | null;
    const isReceipt = ["person", "at", "proof"].every((name) => typeof found?.[name] === "string");
    return isReceipt ? (found as { person: string; at: string; proof: string }) : undefined;
  } catch {
    return undefined;
  }
}

async function isRecorded(person: string, { audits, configured }: VerifyTools): Promise<boolean> {
  for (const channel of configured) {
    const { texts } = await audits.read(channel);
    const tells = (entry: ReturnType<typeof readEntry>) =>
      entry?.what === "person.erased" && entry.detail["person"] === person;
    if (texts.some((text) => tells(readEntry(text)))) return true;
  }
  return false;
}

async function heldOf(
  name: string,
  people: readonly Person[],
  { data, channels, connections }: VerifyTools,
): Promise<number | undefined> {
  for (const person of people) {
    if ((await data.nameInReceipts(person)) !== name) continue;
    const [subjects = []] = await data.subjects([person], channels);
    return (await data.find(subjects, connections)).length;
  }
  return undefined;
}
