import { PassThrough, type Readable } from "node:stream";
import FormData from "form-data";
import type { Attachment } from "./attachment.ts";

/** `mimeType` of a value: for servers that want to be told of a part that it is JSON. */
export type FormPart =
  | { name: string; value: string; mimeType?: string }
  | { name: string; file: Attachment };

/** A multipart body whose files are read as it is sent, with its length where all of theirs are known. */
export function formBody(parts: FormPart[]): { data: Readable; headers: Record<string, string> } {
  const form = new FormData();
  for (const part of parts) appendPart(form, part);
  const headers: Record<string, string> = form.getHeaders();
  if (form.hasKnownLength()) headers["Content-Length"] = String(form.getLengthSync());
  // A form is a stream of Node's first kind: what is to be sent must be one that can be ended.
  const data = new PassThrough();
  form.on("error", (error) => data.destroy(error));
  return { data: form.pipe(data), headers };
}

function appendPart(form: FormData, part: FormPart): void {
  if ("value" in part) {
    form.append(part.name, part.value, part.mimeType === undefined ? {} : { contentType: part.mimeType });
  } else {
    const { name, mimeType, size, open } = part.file;
    form.append(part.name, open(), { filename: name, contentType: mimeType, knownLength: size });
  }
}
