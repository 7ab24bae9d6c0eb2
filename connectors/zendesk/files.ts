import { type AttachmentRef, type FetchedMedia, type MediaTarget, saveDownload } from "deskferry/sdk";
import type { TicketTools } from "./tickets.ts";

/** Zendesk answers with the file itself or sends us on to its store. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  { http, settings }: TicketTools,
): Promise<FetchedMedia> {
  const path = `/attachments/token/${encodeURIComponent(file.id)}/`;
  const url = `${settings.url}${path}?name=${encodeURIComponent(file.name)}`;
  const redirectHosts = settings.fileHosts;
  return saveDownload(await http.download({ url, redirectHosts, what: "fetch file" }), target);
}
