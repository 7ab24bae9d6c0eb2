import type { Request } from "express";
import { asObject, type Json } from "./read.ts";

/** A file of a form. */
export interface FormFile {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

export interface Form {
  fields: Json;
  /** The parts called `file`, in order. */
  files: FormFile[];
}

/**
 * Reads `multipart/form-data`, or a JSON body as a form without files. Throws on a malformed body. Node's own Response
 * takes multipart apart (Fetch standard, "consume body").
 */
export async function readForm(request: Request): Promise<Form> {
  const type = request.get("content-type") ?? "";
  const body: unknown = request.body;
  if (!type.startsWith("multipart/form-data")) return { fields: asObject(body), files: [] };
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const form = await new Response(bytes, { headers: { "Content-Type": type } }).formData();
  const fields: Json = {};
  const files: FormFile[] = [];
  for (const [name, part] of form) {
    if (typeof part === "string") fields[name] = part;
    else if (name === "file") {
      files.push({ name: part.name, mimeType: part.type, bytes: Buffer.from(await part.arrayBuffer()) });
    }
  }
  return { fields, files };
}
