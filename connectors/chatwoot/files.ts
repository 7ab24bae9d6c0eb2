import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  refuseTooLarge,
  saveFile,
} from "deskferry/sdk";
import type { ChatwootTools } from "./records.ts";

const what = "fetch file";
const REDIRECTIONS = [301, 302, 303, 307, 308];

/** Chatwoot sends us on to its disk or its store; the host is looked at first, and it gets no token of ours. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: ChatwootTools,
): Promise<FetchedMedia> {
  const name = encodeURIComponent(file.name || "file");
  const path = `/rails/active_storage/blobs/redirect/${encodeURIComponent(file.id)}/${name}`;
  const { body, headers } = await open(path, tools);
  const announced = Number(headers["content-length"]);
  if (announced > target.maxBytes) body.destroy();
  refuseTooLarge(announced, target);
  const size = await saveFile(body, target, undefined);
  return { mimeType: headers["content-type"] ?? "application/octet-stream", size };
}

async function open(path: string, { http, settings, createClient }: ChatwootTools) {
  try {
    return await http.download({ url: `${settings.url}${path}`, what });
  } catch (error) {
    if (!(error instanceof PluginError) || !REDIRECTIONS.includes(Number(error.code))) throw error;
    const answer = await http.request({ method: "GET", path, what, accept: REDIRECTIONS });
    const url = allowed(answer.headers["location"] ?? "", settings.url, settings.fileHosts);
    if (!url) throw error;
    return await createClient({ baseUrl: url.origin }).download({ url: url.href, what });
  }
}

/** Chatwoot's own host, one of the settings or one below it; as well guarded on the way as Chatwoot itself. */
function allowed(location: string, base: string, hosts: string[]): URL | undefined {
  if (!URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  const isNamed = [new URL(base).host, ...hosts].some(
    (host) => url.host === host || url.host.endsWith(`.${host}`),
  );
  return isNamed && url.protocol === new URL(base).protocol ? url : undefined;
}
