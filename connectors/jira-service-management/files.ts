import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveDownload,
} from "deskferry/sdk";
import { z } from "zod";
import { read } from "./records.ts";
import type { JiraTools } from "./tools.ts";

const what = "fetch file";
const PAGE = 50;
const MOST_PAGES = 20;

const attachmentPage = z.object({
  isLastPage: z.boolean(),
  values: z.array(
    z.object({
      filename: z.string(),
      _links: z.object({ jiraRest: z.string().nullish(), content: z.string().nullish() }),
    }),
  ),
});

/** The text of a comment names its files, and a list tells their numbers; the file then comes from Jira itself. */
export async function fetchAttachment(
  { id, ticketId }: AttachmentRef,
  target: MediaTarget,
  tools: JiraTools,
): Promise<FetchedMedia> {
  const [, comment, name] = /^(\d{1,18})\/([\s\S]+)$/.exec(id) ?? [];
  const number = comment && name ? await numberOf({ ticketId, comment, name }, tools) : undefined;
  if (number === undefined)
    throw new PluginError({ kind: "not_found", operatorMessage: `${what}: the comment has no such file` });
  // Without this Jira sends us on to its store.
  const url = `${tools.settings.url}/rest/api/3/attachment/content/${number}?redirect=false`;
  return saveDownload(await tools.http.download({ url, what }), target);
}

async function numberOf(
  { ticketId, comment, name }: { ticketId: string; comment: string; name: string },
  { http }: JiraTools,
): Promise<string | undefined> {
  const path = `/rest/servicedeskapi/request/${encodeURIComponent(ticketId)}/comment/${comment}/attachment`;
  for (let count = 0; count < MOST_PAGES; count++) {
    const query = { start: count * PAGE, limit: PAGE };
    const page = read(await http.request({ method: "GET", path, query, what }), attachmentPage, what);
    const found = page.values.find(({ filename }) => filename === name);
    const address = found?._links.jiraRest ?? found?._links.content ?? "";
    if (found || page.isLastPage) return /\/attachment\/(?:content\/)?(\d+)/.exec(address)?.[1];
  }
  return undefined;
}
