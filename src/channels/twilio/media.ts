import {
  digestOf,
  type FetchedMedia,
  type HttpClient,
  type MediaRef,
  type MediaTarget,
  PluginError,
  saveDownload,
  type Tools,
} from "../../sdk/index.ts";
import type { TwilioApi } from "./api.ts";
import type { Settings } from "./settings.ts";

const what = "fetch file";
const redirects = [301, 302, 303, 307, 308];

/**
 * Fetches a file by its id, never by an address out of a webhook. Twilio sends on to a short-lived address on another
 * host (support.twilio.com, 223183748: mms.twiliocdn.com with HTTP authentication, else s3-external-1.amazonaws.com);
 * that one is asked by a client of its own, which has no token to lose, and only if it is https on an allowed host.
 */
export function createMediaFetcher(api: TwilioApi, settings: Settings, tools: Tools) {
  const { apiUrl, mediaHosts } = settings;
  const bare = tools.http({
    baseUrl: apiUrl,
    headers: { "Accept-Encoding": "identity" },
    downloadHosts: mediaHosts,
  });

  async function open(path: string): ReturnType<HttpClient["download"]> {
    try {
      return await api.client.download({ url: apiUrl + path, what });
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      if (error.kind === "not_found") throw gone();
      if (!redirects.includes(Number(error.code))) throw error;
    }
    const { headers } = await api.client.request({ method: "GET", path, what, accept: redirects });
    return bare.download({ url: safeTarget(headers["location"], apiUrl), what });
  }

  return async function fetchMedia(media: MediaRef, target: MediaTarget): Promise<FetchedMedia> {
    const [messageId = "", fileId = ""] = media.id.split("/").map(encodeURIComponent);
    const download = await open(`${api.accountPath}/Messages/${messageId}/Media/${fileId}`);
    const { size } = await saveDownload(download, target, digestOf(media.sha256));
    // Storage hosts know less of a file's type than Twilio told with the message.
    return { mimeType: media.mimeType, size };
  };
}

function safeTarget(location: string | undefined, apiUrl: string): string {
  if (!location || !URL.canParse(location)) {
    const operatorMessage = `${what}: Twilio told no address for the file`;
    throw new PluginError({ kind: "ambiguous", code: "no_url", operatorMessage });
  }
  if (apiUrl.startsWith("https:") && !location.startsWith("https:")) {
    const operatorMessage = `${what}: Twilio told an address that is not https`;
    throw new PluginError({ kind: "rejected", code: "host_not_allowed", operatorMessage });
  }
  return location;
}

function gone(): PluginError {
  const operatorMessage = `${what}: Twilio no longer has it`;
  return new PluginError({ kind: "rejected", code: "gone", operatorMessage });
}
