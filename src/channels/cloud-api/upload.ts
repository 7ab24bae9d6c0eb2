import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type OutboundMedia, PluginError } from "../../sdk/index.ts";
import { asId } from "./fields.ts";
import type { Graph } from "./graph.ts";
import { maxBytesOf, plainType } from "./media-limits.ts";
import { unusableFile } from "./refusal.ts";

const what = "upload file";
const TIMEOUT_MS = 300_000;

/**
 * Takes a file of ours to WhatsApp, streamed from disk, and resolves with its id there, which lives 30 days. A failure
 * is never `ambiguous` for the message: nothing of it has been sent, a file that arrived twice is forgotten.
 */
export async function uploadMedia(
  graph: Graph,
  path: string[],
  media: OutboundMedia & { source: { path: string } },
): Promise<string> {
  const file = media.source.path;
  const size = await sizeOf(file);
  const most = maxBytesOf(media) ?? 0;
  if (size === 0) throw unusableFile("the file is empty");
  if (size > most) throw unusableFile(`the file has ${size} bytes, WhatsApp takes ${most} as ${media.type}`);
  const answer = await graph
    .request({
      method: "POST",
      path,
      form: [
        { name: "messaging_product", value: "whatsapp" },
        { name: "type", value: plainType(media.mimeType) },
        // What it is called is said with the message; names can hold personal data and odd characters.
        {
          name: "file",
          file: {
            name: "file",
            mimeType: plainType(media.mimeType),
            size,
            open: () => createReadStream(file),
          },
        },
      ],
      what,
      timeoutMs: TIMEOUT_MS,
    })
    .catch(asFailedUpload);
  const id = asId(answer["id"]);
  if (id) return id;
  throw new PluginError({
    kind: "unavailable",
    code: "no_media_id",
    operatorMessage: `${what}: no id was told`,
  });
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch {
    // Said below: a folder and a file that has gone are the same to the message.
  }
  throw unusableFile("the file is no longer there");
}

function asFailedUpload(error: unknown): never {
  if (!(error instanceof PluginError)) throw error;
  const { kind, code, operatorMessage, retryAfterMs } = error;
  if (kind === "rejected" || kind === "not_found" || kind === "conflict") {
    const problem = {
      action: "drop_file",
      reason: "file",
      says: "WhatsApp does not take this file",
    } as const;
    throw new PluginError({
      kind: "rejected",
      operatorMessage,
      problem,
      ...(code === undefined ? {} : { code }),
    });
  }
  if (kind !== "ambiguous") throw error;
  throw new PluginError({
    kind: "unavailable",
    operatorMessage,
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
