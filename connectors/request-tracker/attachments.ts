import { Readable } from "node:stream";
import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveFile,
} from "deskferry/sdk";
import { contentOf } from "./attachment-content.ts";
import { foundAttachment, pageOf, read } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "fetch file";

/**
 * REST 2.0 has no address for a file's bytes as they are: they come as base64 within JSON, and RT itself holds them in
 * memory several times over, hence the limit of the settings here too. We hold one piece at a time.
 */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: TicketTools,
): Promise<FetchedMedia> {
  const { http, settings } = tools;
  const url = `${settings.url}/REST/2.0/attachment/${encodeURIComponent(file.id)}`;
  const { body } = await http.download({ url, what }).catch(async (error: unknown) => {
    throw (await isMissing(error, file.id, tools)) ? missing() : error;
  });
  const maxBytes = Math.min(target.maxBytes, settings.maxAttachmentBytes);
  const size = await saveFile(Readable.from(contentOf(body)), { path: target.path, maxBytes }, undefined);
  // RT has the type that the browser of staff told, which says no more than the file's name.
  return { mimeType: "application/octet-stream", size };
}

/** RT 5.0.3 answers 500 for a file that it does not have (its log: "can't find transaction"), so the search is asked. */
async function isMissing(error: unknown, id: string, { http }: TicketTools): Promise<boolean> {
  if (!(error instanceof PluginError) || error.code !== 500) return false;
  const query = { query: JSON.stringify([{ field: "id", operator: "=", value: id }]) };
  try {
    const answer = await http.request({ method: "GET", path: "/attachments", query, what });
    return !read(answer, pageOf(foundAttachment), what).items.some((found) => found.id === id);
  } catch {
    return false;
  }
}

function missing(): PluginError {
  const operatorMessage = `${what}: Request Tracker does not have it, or hides it from our account`;
  return new PluginError({ kind: "not_found", operatorMessage });
}
