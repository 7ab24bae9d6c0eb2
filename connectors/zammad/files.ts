import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveDownload,
} from "deskferry/sdk";
import { articleRecord, read, type ZammadTools } from "./records.ts";

const what = "fetch file";

/** Files are named by their article and their number; see events.ts. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: ZammadTools,
): Promise<FetchedMedia> {
  const [, article, number] = /^(\d{1,15})\/(\d{1,15})$/.exec(file.id) ?? [];
  if (!article || !number) throw missing();
  return saveDownload(await open({ ticket: file.ticketId, article, number }, tools), target);
}

interface Place {
  ticket: string;
  article: string;
  number: string;
}

async function open(place: Place, tools: ZammadTools) {
  const { http, settings } = tools;
  const path = [place.ticket, place.article, place.number].map(encodeURIComponent).join("/");
  try {
    return await http.download({ url: `${settings.url}/api/v1/ticket_attachment/${path}`, what });
  } catch (error) {
    throw error instanceof PluginError && error.code === 403 && (await isGone(place, tools))
      ? missing()
      : error;
  }
}

/** Zammad forbids what an article does not have, too. Where we may not read the article, that is said instead. */
async function isGone({ article, number }: Place, { http }: ZammadTools): Promise<boolean> {
  const answer = await http.request({ method: "GET", path: `/ticket_articles/${article}`, what });
  const { attachments } = read(answer, articleRecord, what);
  return !attachments?.some(({ id }) => id === number);
}

function missing(): PluginError {
  return new PluginError({ kind: "not_found", operatorMessage: `${what}: Zammad has no such file` });
}
