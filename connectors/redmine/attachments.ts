import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveFile,
} from "deskferry/sdk";
import type { RedmineTools } from "./issues.ts";

const what = "fetch file";

/** By number, at our own address: `content_url` may name whichever host Redmine takes itself for. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  { http, settings }: RedmineTools,
): Promise<FetchedMedia> {
  if (!/^\d+$/.test(file.id)) {
    throw new PluginError({ kind: "not_found", operatorMessage: `${what}: that is no number of a file` });
  }
  const { body, headers } = await http.download({
    url: `${settings.url}/attachments/download/${file.id}`,
    what,
  });
  const size = await saveFile(body, target, undefined);
  const mimeType = headers["content-type"]?.split(";")[0]?.trim();
  return { mimeType: mimeType || "application/octet-stream", size };
}
