import { Readable } from "node:stream";
import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  saveFile,
} from "deskferry/sdk";
import { z } from "zod";
import { call, type ZnunyTools } from "./web-service.ts";

const what = "fetch file";
const answer = z.union([
  z.object({ TooLarge: z.literal(1) }),
  z.object({ File: z.object({ ContentType: z.string().nullish(), Content: z.base64() }) }),
]);

/** By the add-on, which gives one file; Znuny's own TicketGet gives all files of all articles at once. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  tools: ZnunyTools,
): Promise<FetchedMedia> {
  const [, ArticleID, FileID] = /^(\d{1,9})-(\d{1,9})$/.exec(file.id) ?? [];
  if (!ArticleID || !FileID) {
    throw new PluginError({ kind: "not_found", operatorMessage: `${what}: Znuny has no such file` });
  }
  const maxBytes = Math.min(target.maxBytes, tools.settings.maxAttachmentBytes);
  const found = await call(
    {
      operation: "FileGet",
      body: { ArticleID, FileID, MaxBytes: maxBytes },
      schema: answer,
      what,
      timeoutMs: 120_000,
    },
    tools,
  );
  if ("TooLarge" in found) {
    const operatorMessage = `${what}: the file is larger than ${maxBytes} bytes`;
    throw new PluginError({ kind: "rejected", code: "too_large", operatorMessage });
  }
  const bytes = Buffer.from(found.File.Content, "base64");
  const size = await saveFile(Readable.from([bytes]), { path: target.path, maxBytes }, undefined);
  return { mimeType: found.File.ContentType?.split(";")[0]?.trim() || "application/octet-stream", size };
}
