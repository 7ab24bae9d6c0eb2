const LONGEST = 120;
/** Below the 255 of most file systems. */
const MOST_BYTES = 240;
/** Devices, not files, on Windows machines, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)/i;

/**
 * A name that is safe in any file system and honest to the eye: no folders, no control or direction-changing
 * characters (`gpj.exe` read backwards), no leading dot. Empty when nothing of it is left.
 */
export function cleanFileName(name: string): string {
  // Cut first: the expressions below are slow on megabytes of dots.
  const own = name.slice(-1000).normalize("NFC").split(/[\\/]/).at(-1) ?? "";
  const clean = trim(own.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"|?*]/gu, ""));
  return shorten(clean.replace(DEVICE, "_$1"));
}

function trim(name: string): string {
  return name.replace(/^[.\s]+|[.\s]+$/g, "");
}

/** Keeps the ending. */
function shorten(name: string): string {
  const end = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  const stem = [...name.slice(0, name.length - end.length)];
  const size = (text: string) => new TextEncoder().encode(text).length;
  const isTooLong = () => stem.length + end.length > LONGEST || size(stem.join("")) + end.length > MOST_BYTES;
  if (!isTooLong()) return name;
  stem.length = Math.min(stem.length, LONGEST - end.length);
  while (isTooLong()) stem.pop();
  return trim(stem.join("") + end);
}

const OFFICE = "application/vnd.openxmlformats-officedocument";

/** Endings by which a phone knows how to open a file, the usual one first. */
const endings: Readonly<Record<string, string[]>> = {
  "image/jpeg": ["jpg", "jpeg"],
  "image/png": ["png"],
  "image/webp": ["webp"],
  "image/gif": ["gif"],
  "image/tiff": ["tiff", "tif"],
  "image/bmp": ["bmp"],
  "image/svg+xml": ["svg"],
  "text/html": ["html", "htm", "xhtml"],
  "image/heic": ["heic", "heif", "hif"],
  "video/mp4": ["mp4", "m4v"],
  "video/3gpp": ["3gp"],
  "video/quicktime": ["mov", "qt"],
  "audio/aac": ["aac"],
  "audio/amr": ["amr"],
  "audio/mpeg": ["mp3"],
  "audio/mp4": ["m4a", "m4b"],
  "audio/ogg": ["ogg", "opus"],
  "audio/wav": ["wav"],
  "application/pdf": ["pdf"],
  "application/msword": ["doc", "dot"],
  "application/vnd.ms-excel": ["xls", "xlt"],
  "application/vnd.ms-powerpoint": ["ppt", "pps"],
  [`${OFFICE}.wordprocessingml.document`]: ["docx"],
  [`${OFFICE}.spreadsheetml.sheet`]: ["xlsx"],
  [`${OFFICE}.presentationml.presentation`]: ["pptx"],
};

/** The name under which a person gets a file of this type: clean, and with an ending that is true. A text may have any but none. */
export function fileNameFor(name: string, mimeType: string): string {
  const clean = cleanFileName(name) || "file";
  const ending = /\.([A-Za-z0-9]{1,10})$/.exec(clean)?.[1]?.toLowerCase();
  if (mimeType === "text/plain") return ending ? clean : withEnding(clean, "txt");
  const right = endings[mimeType];
  if (!right || (ending && right.includes(ending))) return clean;
  return withEnding(clean, right[0] ?? "");
}

/** The clean name with this ending behind it, not longer than names may be. */
export function withEnding(clean: string, ending: string): string {
  return ending === "" ? clean : shorten(`${clean}.${ending}`);
}
