import {
  type Attachment,
  type AttachmentRef,
  base64Of,
  type FetchedMedia,
  fromHttpResponse,
  type MediaTarget,
  saveDownload,
} from "deskferry/sdk";
import { type EspoTools, reasonOf } from "./api.ts";
import { clean, read, record } from "./records.ts";

const UPLOAD_MS = 180_000;

/**
 * A file for a note that is yet to come; EspoCRM removes it in time when that does not. Undefined for a file without
 * content, and for one of a type or size that the administrator does not allow in notes.
 */
export async function upload(file: Attachment, { http, clock }: EspoTools): Promise<string | undefined> {
  const what = "upload file";
  if (file.size === 0) return undefined;
  const type = /^[\w.+-]+\/[\w.+-]+/.exec(file.mimeType)?.[0] ?? "application/octet-stream";
  const json = {
    name: clean(file.name).replace(/\s+/g, " "),
    type,
    role: "Attachment",
    parentType: "Note",
    field: "attachments",
    file: `data:${type};base64,${await base64Of(file)}`,
  };
  const request = { method: "POST", path: "/Attachment", json, what, timeoutMs: UPLOAD_MS } as const;
  const answer = await http.request({ ...request, accept: [403] });
  if (answer.status !== 403) return read(answer, record, what).id;
  if (/file type|attachmentUploadMaxSize/i.test(reasonOf(answer))) return undefined;
  throw fromHttpResponse(answer, what, clock.now());
}

export async function fetchAttachment(
  { id }: AttachmentRef,
  target: MediaTarget,
  { http, settings }: EspoTools,
): Promise<FetchedMedia> {
  const url = `${settings.url}/api/v1/Attachment/file/${encodeURIComponent(id)}`;
  return saveDownload(await http.download({ url, what: "fetch file" }), target);
}
