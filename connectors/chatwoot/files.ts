import { type AttachmentRef, type FetchedMedia, type MediaTarget, saveDownload } from "deskferry/sdk";
import type { ChatwootTools } from "./records.ts";

/** Chatwoot sends us on to its own disk or to its store. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  { http, settings }: ChatwootTools,
): Promise<FetchedMedia> {
  const name = encodeURIComponent(file.name || "file");
  const url = `${settings.url}/rails/active_storage/blobs/redirect/${encodeURIComponent(file.id)}/${name}`;
  const redirectHosts = [new URL(settings.url).host, ...settings.fileHosts];
  return saveDownload(await http.download({ url, redirectHosts, what: "fetch file" }), target);
}
