import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveDownload,
} from "deskferry/sdk";
import { conversationsOf } from "./conversations.ts";
import type { TicketTools } from "./tickets.ts";

const what = "fetch file";

/**
 * A file has no address of its own in the API: the ticket's comments tell one that is signed and soon over. The store
 * refuses our credentials with 400 (github.com/Aaronontheweb/freshdesk-cli/issues/122), and must not see them anyway.
 */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: TicketTools,
): Promise<FetchedMedia> {
  const found = await find(file, tools);
  const { host, url } = allowed(found.address, tools);
  // As a host other than the configured one, so that it must be a public one.
  const client = tools.createClient({ baseUrl: tools.settings.url, downloadHosts: [host] });
  const { mimeType, size } = await saveDownload(await client.download({ url, what }), target);
  return { mimeType: found.type ?? mimeType, size };
}

async function find({ id, ticketId }: AttachmentRef, tools: TicketTools) {
  for await (const { attachments } of conversationsOf(ticketId, what, tools)) {
    const found = attachments.find((each) => each.id === id);
    if (found?.attachment_url)
      return { address: found.attachment_url, type: found.content_type ?? undefined };
  }
  const operatorMessage = `${what}: the ticket has no such file in Freshdesk`;
  throw new PluginError({ kind: "not_found", operatorMessage });
}

/** On a host of the settings or below it, and as well guarded on the way as Freshdesk itself. */
function allowed(address: string, { settings }: TicketTools): { host: string; url: string } {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const own = new URL(settings.url);
  const hosts = [own.host, ...settings.fileHosts];
  const isNamed = hosts.some((host) => url?.host === host || url?.host.endsWith(`.${host}`));
  if (url && isNamed && url.protocol === own.protocol) return { host: url.host, url: url.href };
  const operatorMessage = `${what}: it lies on a host that the setting fileHosts does not name`;
  throw new PluginError({ kind: "config", code: "host_not_allowed", operatorMessage });
}
