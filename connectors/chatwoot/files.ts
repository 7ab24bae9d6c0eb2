import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  refuseTooLarge,
  saveFile,
} from "deskferry/sdk";
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
  const { body, headers } = await http.download({ url, redirectHosts, what: "fetch file" });
  const announced = Number(headers["content-length"]);
  if (announced > target.maxBytes) body.destroy();
  refuseTooLarge(announced, target);
  const size = await saveFile(body, target, undefined);
  return { mimeType: headers["content-type"] ?? "application/octet-stream", size };
}
