import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type FetchedMedia,
  type HttpClient,
  type MediaRef,
  type MediaTarget,
  PluginError,
} from "../../sdk/index.ts";
import { asText, type Fields } from "./fields.ts";
import type { Graph } from "./graph.ts";
import type { Settings } from "./settings.ts";

const what = "fetch file";

/**
 * Fetches a file into `target.path`, which appears only once it is whole and its hash is right. Always starts from the
 * id: the webhook's address lives five minutes, and how old it is cannot be told here; asking Graph costs one short
 * request and also tells the size beforehand.
 */
export function createMediaFetcher(graph: Graph, settings: Settings) {
  async function locate(id: string): Promise<Fields> {
    const query = { phone_number_id: settings.phoneNumberId };
    try {
      return await graph.request({ method: "GET", path: [id], query, what });
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
    if (settings.graphUrl.startsWith("https:") && !url.startsWith("https:")) {
      const operatorMessage = `${what}: Graph told an address that is not https`;
      throw new PluginError({ kind: "rejected", code: "host_not_allowed", operatorMessage });
    }
    return graph.download({ url, what });
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
    const size = await save(answer.body, target, expected);
    const told = asText(location["mime_type"]) ?? answer.headers["content-type"];
    return { mimeType: told ?? media.mimeType, size };
  };
}

/** Writes beside the target and moves it there at the end; nothing partial stays behind. */
async function save(body: Readable, target: MediaTarget, expected: string | undefined): Promise<number> {
  const partial = `${target.path}.part`;
  const hash = createHash("sha256");
  let size = 0;
  async function* metered(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      size += chunk.length;
      refuseTooLarge(size, target);
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(body, metered, createWriteStream(partial));
    if (expected !== undefined && hash.digest("hex") !== expected) {
      const operatorMessage = `${what}: the file's hash is not the announced one`;
      throw new PluginError({ kind: "ambiguous", code: "hash_mismatch", operatorMessage });
    }
    await rename(partial, target.path);
    return size;
  } catch (error) {
    await rm(partial, { force: true });
    throw toPluginError(error);
  }
}

/** Hex of an announced SHA-256: webhooks write base64, Graph's answers hex. Undefined when it is neither. */
function digestOf(announced: string | undefined): string | undefined {
  if (announced === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(announced)) return announced.toLowerCase();
  const bytes = Buffer.from(announced, "base64");
  return bytes.length === 32 ? bytes.toString("hex") : undefined;
}

function refuseTooLarge(size: number, { maxBytes }: MediaTarget): void {
  if (!(size > maxBytes)) return;
  const operatorMessage = `${what}: the file is larger than ${maxBytes} bytes`;
  throw new PluginError({ kind: "rejected", code: "too_large", operatorMessage });
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

const fileCalls = new Set(["open", "write", "close", "rename"]);

function toPluginError(error: unknown): PluginError {
  if (error instanceof PluginError) return error;
  const { code = "UNKNOWN", syscall = "" } = error as NodeJS.ErrnoException;
  if (fileCalls.has(syscall)) {
    const operatorMessage = `${what}: it cannot be written to disk (${code})`;
    return new PluginError({ kind: "unavailable", code, operatorMessage });
  }
  return new PluginError({
    kind: "ambiguous",
    code,
    operatorMessage: `${what}: the connection broke (${code})`,
  });
}
