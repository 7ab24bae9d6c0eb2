import { Readable } from "node:stream";
import {
  type AttachmentRef,
  type FetchedMedia,
  type MediaTarget,
  PluginError,
  refuseTooLarge,
  saveFile,
  transferTimeoutMs,
} from "deskferry/sdk";
import { z } from "zod";
import { numberOf, text } from "./records.ts";
import type { OdooTools } from "./tools.ts";

const what = "fetch file";
const model = "ir.attachment";
const described = z.array(
  z.object({ id: z.number().int(), mimetype: text, file_size: z.number().nullish(), type: text }),
);

/** `/web/content` would stream it, but takes no API key before Odoo 19. So it comes as base64, its size looked at first. */
export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  { rpc }: OdooTools,
): Promise<FetchedMedia> {
  const id = numberOf(file.id);
  const given = { domain: [["id", "=", id]], fields: ["mimetype", "file_size", "type"] };
  const [found] = await rpc.call({ model, method: "search_read", given, returns: described, what });
  if (!found) throw missing();
  const announced = found.file_size ?? 0;
  refuseTooLarge(announced, target);
  const [content] = await rpc.call({
    model,
    method: "read",
    ids: [id],
    given: { fields: ["datas"] },
    returns: z.array(z.object({ datas: text })),
    what,
    timeoutMs: transferTimeoutMs([{ size: announced }]),
  });
  if (!content) throw missing();
  const bytes = Buffer.from(content.datas ?? "", "base64");
  const size = await saveFile(Readable.from([bytes]), target, undefined);
  return { mimeType: found.mimetype ?? "application/octet-stream", size };
}

function missing(): PluginError {
  return new PluginError({
    kind: "not_found",
    operatorMessage: `${what}: Odoo shows the account no such file`,
  });
}
