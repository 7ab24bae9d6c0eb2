import type { Request } from "express";
import { asObject, type Json } from "../read.ts";
import type { StoredFile } from "./world.ts";

/**
 * Reads a comment: JSON, or `multipart/form-data` with the JSON in the part `comment` and files in parts `file`.
 * Throws on a malformed body. Node's own Response takes multipart apart (Fetch standard, "consume body").
 */
export async function readComment(request: Request): Promise<{ given: Json; files: StoredFile[] }> {
  const type = request.get("content-type") ?? "";
  const body: unknown = request.body;
  if (!type.startsWith("multipart/form-data")) return { given: asObject(body), files: [] };
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const form = await new Response(bytes, { headers: { "Content-Type": type } }).formData();
  const comment = form.get("comment");
  const given = typeof comment === "string" ? asObject(JSON.parse(comment)) : {};
  const files: StoredFile[] = [];
  for (const part of form.getAll("file")) {
    if (typeof part === "string") continue;
    files.push({ name: part.name, mimeType: part.type, bytes: Buffer.from(await part.arrayBuffer()) });
  }
  return { given, files };
}
