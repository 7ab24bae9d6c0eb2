import {
  digestOf,
  type FetchedMedia,
  type HttpClient,
  type MediaRef,
  type MediaTarget,
  PluginError,
  refuseTooLarge,
  saveFile,
} from "../../sdk/index.ts";
import { asText, type Fields } from "./fields.ts";
import type { Graph } from "./graph.ts";

const what = "fetch file";

export interface MediaAccess {
  /** Goes along when the address is asked for. */
  query?: Record<string, string>;
  /** Whether only https addresses are followed. */
  secure: boolean;
  /** Where the file is for us, when not at the address that was told. */
  addressOf?(url: string): string;
}

/**
 * Fetches a file into `target.path`, which appears only once it is whole and its hash is right. Always starts from the
 * id: the webhook's address lives five minutes, and how old it is cannot be told here; asking Graph costs one short
 * request and also tells the size beforehand.
 */
export function createMediaFetcher(graph: Graph, access: MediaAccess) {
  async function locate(id: string): Promise<Fields> {
    const { query } = access;
    try {
      return await graph.request({ method: "GET", path: [id], ...(query ? { query } : {}), what });
    } catch (error) {
      throw isGone(error) ? goneError() : error;
    }
  }

  async function open(location: Fields): ReturnType<HttpClient["download"]> {
    const url = asText(location["url"]);
    if (!url || !URL.canParse(url)) {
      const operatorMessage = `${what}: Graph told no address for the file`;
      throw new PluginError({ kind: "ambiguous", code: "no_url", operatorMessage });
    }
    // The token must not travel in the clear because an answer says so.
    if (access.secure && !url.startsWith("https:")) {
      const operatorMessage = `${what}: Graph told an address that is not https`;
      throw new PluginError({ kind: "rejected", code: "host_not_allowed", operatorMessage });
    }
    return graph.download({ url: access.addressOf?.(url) ?? url, what });
  }

  return async function fetchMedia(media: MediaRef, target: MediaTarget): Promise<FetchedMedia> {
    let location = await locate(media.id);
    refuseTooLarge(Number(location["file_size"]), target);
    const answer = await open(location).catch(async (error: unknown) => {
      if (!isExpired(error)) throw error;
      location = await locate(media.id);
      return open(location).catch(stillExpired);
    });
    const expected = [media.sha256, asText(location["sha256"])]
      .map(digestOf)
      .find((known) => known !== undefined);
    const size = await saveFile(answer.body, target, expected);
    const told = asText(location["mime_type"]) ?? answer.headers["content-type"];
    return { mimeType: told ?? media.mimeType, size };
  };
}

/** Graph says 100 (with subcode 33) for ids that have gone; they live seven days. */
function isGone(error: unknown): boolean {
  return error instanceof PluginError && (error.code === 100 || error.code === 33 || error.code === 404);
}

function goneError(): PluginError {
  return new PluginError({
    kind: "rejected",
    code: "gone",
    operatorMessage: `${what}: Meta no longer has it`,
  });
}

function isExpired(error: unknown): boolean {
  return error instanceof PluginError && error.kind === "not_found";
}

function stillExpired(error: unknown): never {
  if (!isExpired(error)) throw error;
  const operatorMessage = `${what}: a new address was not found either`;
  throw new PluginError({ kind: "unavailable", code: 404, operatorMessage });
}
