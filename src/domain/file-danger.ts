import { type FileView, fileTypeOf } from "./file-type.ts";

/** Kinds of files that can do harm where they are opened. */
export const dangers = ["program", "script", "page", "macros", "hidden"] as const;
export type Danger = (typeof dangers)[number];

/** What staff and the person read of each. */
export const dangerWords: Readonly<Record<Danger, string>> = {
  program: "a program",
  script: "a script",
  page: "a page or drawing that can hold scripts",
  macros: "a document with macros",
  hidden: "a file with another one hidden in it",
};

const types: readonly [Danger, RegExp][] = [
  [
    "program",
    /^application\/(vnd\.microsoft\.portable-executable|x-elf|x-mach-binary|java-vm|java-archive|wasm|vnd\.android\.(dex|package-archive)|x-ms-shortcut|vnd\.ms-cab-compressed|x-msi)$/,
  ],
  ["script", /^text\/x-shellscript$/],
  ["page", /^(text\/html|image\/svg\+xml)$/],
  ["macros", /macroenabled/],
];

/** Endings by which a machine runs what has no beginning of its own, Windows above all. */
const endings: readonly [Danger, RegExp][] = [
  [
    "program",
    /\.(exe|com|scr|pif|dll|sys|cpl|ocx|drv|msi|msp|mst|msix|appx|appxbundle|gadget|jar|class|apk|app|dmg|pkg|deb|rpm|lnk|iso|img|vhdx?|elf|bin|run)$/i,
  ],
  [
    "script",
    /\.(bat|cmd|js|mjs|cjs|jse|vbs?|vbe|wsf?|wsh|wsc|sct|hta|ps[12]|psm1|psd1|ps1xml|msc|msh|inf|reg|scf|url|settingcontent-ms|sh|bash|zsh|command|py|pyw|pl|rb|php\d?|phtml|phar|asp|aspx|jsp|jspx|cgi|applescript|scpt|desktop|chm)$/i,
  ],
  ["page", /\.(x?html?|shtml?|xht|svgz?|mht|mhtml|xslt?|xsl|htc)$/i],
  ["macros", /\.(docm|dotm|xlsm|xltm|xlam|xll|xlsb|pptm|potm|ppam|ppsm|sldm)$/i],
];

/** Whether a name alone makes a machine run, or a browser show, what is in the file. */
export function dangerousEnding(name: string): Danger | undefined {
  return endings.find(([, ending]) => ending.test(name.trim()))?.[0];
}

export interface Looked {
  /** By the bytes; undefined when nobody knows them. */
  type: string | undefined;
  danger?: Danger;
}

/**
 * What a file is, and whether it can do harm. Its bytes decide; its name only where bytes say nothing, as of scripts. A
 * protected archive, or what is deeper in a document than its list of contents, is not looked into.
 */
export async function lookInto(file: FileView, name: string): Promise<Looked> {
  const type = await fileTypeOf(file);
  const danger =
    types.find(([, known]) => type !== undefined && known.test(type))?.[0] ??
    ((await hidesAnother(file, type)) ? "hidden" : undefined) ??
    (speaksForItself(type) ? undefined : dangerousEnding(name));
  return danger ? { type, danger } : { type };
}

/** Nothing runs a picture because of its name: it gets the ending that is true. */
function speaksForItself(type: string | undefined): boolean {
  return type !== undefined && type !== "text/plain" && type !== "application/xml";
}

const HEAD = 4096;
const TAIL = 65_557;
const MARKUP = /<(script|iframe|html|body|svg|object|embed)[\s>/]|<\?php\s/i;

/** A picture that is a page as well, or anything that ends as an archive: both pass for what they begin with. */
async function hidesAnother(file: FileView, type: string | undefined): Promise<boolean> {
  const head = latin(await file.read(0, HEAD));
  if (type !== undefined && /^(image|audio|video)\//.test(type) && MARKUP.test(head)) return true;
  if (head.startsWith("PK")) return false;
  const from = Math.max(0, file.size - TAIL);
  return endsAsArchive(latin(await file.read(from, file.size - from)));
}

const LAST_RECORD = "PK\x05\x06";

/** The last record of a ZIP file, with a comment that ends where the file does (APPNOTE 4.3.16). */
function endsAsArchive(tail: string): boolean {
  for (let at = tail.indexOf(LAST_RECORD); at !== -1; at = tail.indexOf(LAST_RECORD, at + 1)) {
    const comment = tail.charCodeAt(at + 20) + 256 * tail.charCodeAt(at + 21);
    if (at + 22 + comment === tail.length) return true;
  }
  return false;
}

function latin(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
