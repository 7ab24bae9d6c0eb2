import type { FileView } from "../file-type.ts";
import { stripFilm } from "./film.ts";
import { stripJpeg } from "./jpeg.ts";
import { type Part, Unreadable } from "./part.ts";
import { stripPng } from "./png.ts";
import { stripWebp } from "./webp.ts";

const ways: Readonly<Record<string, (file: FileView) => Promise<Part[] | undefined>>> = {
  "image/jpeg": stripJpeg,
  "image/png": stripPng,
  "image/webp": stripWebp,
  "video/mp4": stripFilm,
  "video/3gpp": stripFilm,
  "video/3gpp2": stripFilm,
  "video/quicktime": stripFilm,
  "audio/mp4": stripFilm,
};

/** Have none worth the name. */
const WITHOUT = new Set(["image/bmp"]);

/** As it is, in pieces, or not to be had without its metadata. */
export type Stripped = "clean" | "cannot" | Part[];

/**
 * A picture or film without what it tells of place, time and device, as pieces of the file so that its size does not
 * matter. What is neither is clean: documents and recordings go as they are (docs/decisions/0049).
 */
export async function withoutMetadata(file: FileView, type: string): Promise<Stripped> {
  const strip = ways[type];
  if (!strip) return WITHOUT.has(type) || !/^(image|video)\//.test(type) ? "clean" : "cannot";
  try {
    return (await strip(file)) ?? "clean";
  } catch (error) {
    if (error instanceof Unreadable) return "cannot";
    throw error;
  }
}
