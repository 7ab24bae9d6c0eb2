import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveDownload,
} from "deskferry/sdk";
import { fileRecord, read, signedUrl } from "./records.ts";
import type { HubspotTools } from "./tools.ts";

const what = "fetch file";

/** Files of notes are private: HubSpot signs an address that is good for a while, on a host that must not see our key. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: HubspotTools,
): Promise<FetchedMedia> {
  const { api, createClient, settings } = tools;
  const path = api.files(`/${encodeURIComponent(file.id)}/signed-url`);
  const { url: address } = read(await api.call({ method: "GET", path, what }), signedUrl, what);
  const url = allowed(address, tools);
  // As a host other than the configured one, so that it must be a public one.
  const client = createClient({ baseUrl: settings.apiUrl, downloadHosts: [url.host] });
  return saveDownload(
    await client.download({
      url: url.href,
      redirectHosts: settings.fileHosts,
      what,
    }),
    target,
  );
}

/** On a host of the settings or below it, and as well guarded on the way as HubSpot itself. */
function allowed(address: string, { settings }: HubspotTools): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const own = new URL(settings.apiUrl);
  const hosts = [own.host, ...settings.fileHosts];
  const isNamed = hosts.some((host) => url?.host === host || url?.host.endsWith(`.${host}`));
  if (url && isNamed && url.protocol === own.protocol) return url;
  const operatorMessage = `${what}: it lies on a host that the setting fileHosts does not name`;
  throw new PluginError({ kind: "config", code: "host_not_allowed", operatorMessage });
}

/** With its ending, which HubSpot keeps apart; a file that was deleted meanwhile still has a place. */
export async function nameOf(id: string, { api }: HubspotTools): Promise<string> {
  const path = api.files(`/${encodeURIComponent(id)}`);
  const answer = await api.call({ method: "GET", path, what: "list changes", accept: [404] });
  if (answer.status === 404) return "file";
  const { name, extension } = read(answer, fileRecord, "list changes");
  const plain = name || "file";
  return !extension || plain.endsWith(`.${extension}`) ? plain : `${plain}.${extension}`;
}
