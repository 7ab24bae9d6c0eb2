import type { Request } from "express";
import type { Answer } from "../faults.ts";
import { readForm } from "../form.ts";
import { asText } from "../read.ts";
import { type GraphError, toAnswer } from "./graph-error.ts";
import { allMimeTypes, maxBytesOf } from "./media-kinds.ts";
import type { GraphNumber } from "./settings.ts";
import type { GraphWorld } from "./world.ts";

/** `POST /{version}/{phone-number-id}/media`: keeps a file for messages of this number; answers with its id. */
export async function handleUpload(
  world: GraphWorld,
  number: GraphNumber,
  request: Request,
): Promise<Answer> {
  const form = await readForm(request).catch(() => undefined);
  if (!form) return toAnswer({ code: 100, details: "The body is no readable form." });
  const { fields, files } = form;
  const [file] = files;
  if (fields["messaging_product"] !== "whatsapp" || !file) {
    return toAnswer({ code: 100, details: "The parameters messaging_product and file are required." });
  }
  // The field is documented as required; the part's own type is what is looked at where it is left out.
  const mimeType = asText(fields["type"]) ?? file.mimeType;
  const refusal = refusalOf(mimeType, file.bytes.length);
  if (refusal) return toAnswer(refusal);
  const { phoneNumberId } = number;
  const stored = world.media.add({
    phoneNumberId,
    mimeType,
    fileName: file.name,
    bytes: file.bytes,
    from: "business",
  });
  world.journal.append({ kind: "upload", number: phoneNumberId, media: stored.id, mimeType });
  return { status: 200, body: { id: stored.id } };
}

function refusalOf(mimeType: string, size: number): GraphError | undefined {
  const limit = maxBytesOf(mimeType);
  if (limit === 0) {
    const types = allMimeTypes().join(", ");
    return { code: 100, details: `Param file must be a file with one of the following types: ${types}.` };
  }
  if (size > limit || size === 0) {
    return {
      code: 131053,
      details: `The file has ${size} bytes; 1 to ${limit} are allowed for ${mimeType}.`,
    };
  }
  return undefined;
}
