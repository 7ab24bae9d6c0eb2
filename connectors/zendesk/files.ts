import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  refuseTooLarge,
  saveFile,
} from "deskferry/sdk";
import type { TicketTools } from "./tickets.ts";

const what = "fetch file";
const REDIRECTIONS = [301, 302, 303, 307, 308];

/**
 * Zendesk answers with the file itself or sends us on to its store. Nobody follows a redirection by itself here: the
 * host is looked at first, and it gets none of our credentials.
 */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: TicketTools,
): Promise<FetchedMedia> {
  const path = `/attachments/token/${encodeURIComponent(file.id)}/`;
  const { body, headers } = await open(path, file.name, tools);
  const announced = Number(headers["content-length"]);
  if (announced > target.maxBytes) body.destroy();
  refuseTooLarge(announced, target);
  const size = await saveFile(body, target, undefined);
  return { mimeType: headers["content-type"] ?? "application/octet-stream", size };
}

async function open(path: string, name: string, tools: TicketTools) {
  const { http, settings, createClient } = tools;
  try {
    const url = `${settings.url}${path}?name=${encodeURIComponent(name)}`;
    return await http.download({ url, what });
  } catch (error) {
    if (!(error instanceof PluginError) || !REDIRECTIONS.includes(Number(error.code))) throw error;
    const answer = await http.request({ method: "GET", path, query: { name }, what, accept: REDIRECTIONS });
    const url = allowed(answer.headers["location"] ?? "", settings.url, settings.fileHosts);
    if (!url) throw error;
    return await createClient({ baseUrl: url.origin }).download({ url: url.href, what });
  }
}

/** Where a file may lie: on a host of the settings or below it, and as well guarded on the way as Zendesk itself. */
function allowed(location: string, base: string, hosts: string[]): URL | undefined {
  if (!URL.canParse(location, base)) return undefined;
  const url = new URL(location, base);
  const isNamed = hosts.some((host) => url.host === host || url.host.endsWith(`.${host}`));
  return isNamed && url.protocol === new URL(base).protocol ? url : undefined;
}
