import { carriedType } from "../domain/carried-type.ts";
import { type Danger, dangerWords, lookInto } from "../domain/file-danger.ts";
import type { MediaRef } from "../domain/message.ts";
import { type ScannerSettings, scanFile } from "./scan-file.ts";
import { stripFile, withView } from "./strip-file.ts";

export interface FilePolicy {
  /** What is not carried over. */
  refuse: readonly Danger[];
  /** Pictures and films go without place, time and device, or not at all. */
  stripMetadata: boolean;
  /** clamd. Undefined: nobody looks for viruses. */
  scan?: ScannerSettings | undefined;
}

export interface FetchedFile {
  path: string;
  /** Bytes. */
  size: number;
  /** As the provider says. */
  mimeType: string;
}

/** What it is carried as, or why it is not: `reason` for staff, `why` for figures. */
export type Inspected =
  | { mimeType: string; size: number }
  | { reason: string; why: Danger | "empty" | "metadata" | "virus" | "not_scanned" };

/**
 * Looks at what was fetched before the helpdesk sees it: its bytes decide, whatever it is called. Throws ScannerAway
 * when nobody can tell whether it is clean.
 */
export async function inspectFile(
  { path, size, mimeType }: FetchedFile,
  media: MediaRef,
  { refuse, stripMetadata, scan }: FilePolicy,
): Promise<Inspected> {
  if (size === 0) return { reason: "it is empty", why: "empty" };
  const { type, danger } = await withView(path, size, (view) => lookInto(view, media.fileName ?? ""));
  if (danger && refuse.includes(danger))
    return { reason: `not carried over, it is ${dangerWords[danger]}`, why: danger };
  const infected = scan && (await scanned(path, size, scan));
  if (infected) return infected;
  const carried = { mimeType: carriedType(type, mimeType), size };
  if (!stripMetadata || type === undefined) return carried;
  const left = await stripFile(path, size, type);
  if (left !== undefined) return { ...carried, size: left };
  return { reason: "not carried over, what it tells of place and device cannot be removed", why: "metadata" };
}

/** Undefined when it is clean. */
async function scanned(path: string, size: number, scanner: ScannerSettings): Promise<Inspected | undefined> {
  const verdict = await scanFile(path, size, scanner);
  if (verdict.is === "clean") return undefined;
  if (verdict.is === "too_large")
    return { reason: "not carried over, it is too large for the virus scanner", why: "not_scanned" };
  return { reason: `not carried over, the virus scanner found ${verdict.name}`, why: "virus" };
}
