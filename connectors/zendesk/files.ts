import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  refuseTooLarge,
  saveFile,
} from "deskferry/sdk";
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
  const { body, headers } = await http.download({ url, redirectHosts, what: "fetch file" });
  const announced = Number(headers["content-length"]);
  if (announced > target.maxBytes) body.destroy();
  refuseTooLarge(announced, target);
  const size = await saveFile(body, target, undefined);
  return { mimeType: headers["content-type"] ?? "application/octet-stream", size };
}
