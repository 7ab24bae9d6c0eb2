// biome-ignore-all lint/suspicious/noControlCharactersInRegex: files are known by such bytes

/** A file that can be looked into; `read` gives what is there of `length` bytes. */
export interface FileView {
  /** Bytes. */
  size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What the beginning of a file tells, as characters of one byte each. What is not of use for WhatsApp is named too, so that staff can be told. */
const beginnings: readonly [RegExp, string][] = [
  // Programs first: a PDF may begin anywhere in its first kilobyte, also behind one of these.
  [/^MZ.{0,62}[\0-\x08]/s, "application/vnd.microsoft.portable-executable"],
  [/^\x7fELF/, "application/x-elf"],
  [/^(\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/, "application/x-mach-binary"],
  // Java classes and Mach-O files for several processors begin alike.
  [/^\xca\xfe\xba\xbe/, "application/java-vm"],
  [/^\0asm/, "application/wasm"],
  [/^dex\n/, "application/vnd.android.dex"],
  [/^L\0\0\0\x01\x14\x02\0/, "application/x-ms-shortcut"],
  [/^MSCF\0\0\0\0/, "application/vnd.ms-cab-compressed"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^\x89PNG\r\n\x1a\n/, "image/png"],
  [/^RIFF.{4}WEBP/s, "image/webp"],
  [/^GIF8[79]a/, "image/gif"],
  [/^BM.{4}\0{4}/s, "image/bmp"],
  [/^(II\*\0|MM\0\*)/, "image/tiff"],
  [/^.{4}ftyp(hei|hev|mif1|msf1)/s, "image/heic"],
  [/^.{4}ftypavif/s, "image/avif"],
  [/^.{4}ftypqt/s, "video/quicktime"],
  [/^.{4}ftyp3g2/s, "video/3gpp2"],
  [/^.{4}ftyp3g/s, "video/3gpp"],
  [/^.{4}ftypM4[AB] /s, "audio/mp4"],
  [/^.{4}ftyp(iso|mp4|avc1|M4V|dash|MSNV|mmp4)/s, "video/mp4"],
  [/^#!AMR\n/, "audio/amr"],
  [/^#!AMR-WB\n/, "audio/amr-wb"],
  [/^OggS.{24}OpusHead/s, "audio/ogg"],
  [/^OggS/, "application/ogg"],
  [/^\xff[\xf0\xf1\xf8\xf9]/, "audio/aac"],
  [/^(ID3|\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd])/, "audio/mpeg"],
  [/^RIFF.{4}WAVE/s, "audio/wav"],
  [/^#! ?\//, "text/x-shellscript"],
  // As browsers sniff (mimesniff.spec.whatwg.org, 7.1).
  [
    /^(\xef\xbb\xbf)?\s*<(!--|(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])/i,
    "text/html",
  ],
  [/^.{0,1019}%PDF-/s, "application/pdf"],
  [/^\{\\rtf/, "application/rtf"],
  [/^\x1f\x8b/, "application/gzip"],
  [/^7z\xbc\xaf\x27\x1c/, "application/x-7z-compressed"],
  [/^Rar!\x1a\x07/, "application/vnd.rar"],
];

const XML = /^(\xef\xbb\xbf)?\s*<(\?xml|!doctype|svg[\s>]|[\w-]+:svg[\s>])/i;

const HEAD = 4096;
const TAIL = 65_536;

/**
 * The type of a file by its bytes, as far as WhatsApp or staff care; its name may say anything. Undefined: unknown, or
 * empty. Sources: the formats' own specifications, and WhatsApp's list of types (whatsapp/business-phone-numbers/media).
 */
export async function fileTypeOf(file: FileView): Promise<string | undefined> {
  const head = latin(await file.read(0, HEAD));
  if (head === "") return undefined;
  if (head.startsWith("PK\x03\x04")) return zippedType(head, await tailOf(file, TAIL));
  if (head.startsWith("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return oldOfficeType(head, file);
  const known = beginnings.find(([beginning]) => beginning.test(head));
  if (known) return known[1];
  if (XML.test(head)) return xmlType(head);
  return isText(head + (await tailOf(file, HEAD))) ? "text/plain" : undefined;
}

function latin(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

async function tailOf(file: FileView, length: number): Promise<string> {
  const from = Math.max(0, file.size - length);
  return latin(await file.read(from, file.size - from));
}

/** What a browser would run is told apart from mere data, an invoice say. */
function xmlType(head: string): string {
  const root = rootOf(head);
  if (root === "svg" || head.includes("http://www.w3.org/2000/svg")) return "image/svg+xml";
  const isPage = root === "html" || head.includes("http://www.w3.org/1999/xhtml");
  return isPage || root === undefined || head.includes("<?xml-stylesheet") ? "text/html" : "application/xml";
}

/** Name of the first element, without its prefix; undefined when it does not begin within `xml`. */
function rootOf(xml: string): string | undefined {
  let at = xml.indexOf("<");
  while (at !== -1) {
    const rest = xml.slice(at, at + 200);
    const name = /^<(?:[\w.-]+:)?([\w.-]+)[\s/>]/.exec(rest)?.[1];
    if (name) return name.toLowerCase();
    const end = rest.startsWith("<!--") ? "-->" : ">";
    const closes = xml.indexOf(end, at + 4);
    at = closes === -1 ? -1 : xml.indexOf("<", closes);
  }
  return undefined;
}

/** Any encoding of one byte a character, or UTF-8: all that it must not have is control characters. */
function isText(sample: string): boolean {
  return !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(sample);
}

const OPEN_DOCUMENT = /^PK\x03\x04.{26}mimetype(application\/vnd\.oasis\.opendocument\.[a-z-]+)/s;
const OFFICE = "application/vnd.openxmlformats-officedocument";

/** What the parts of an Office file are called, with and without macros. */
const parts: readonly [string, string, string][] = [
  [
    "word/document.xml",
    `${OFFICE}.wordprocessingml.document`,
    "application/vnd.ms-word.document.macroenabled.12",
  ],
  ["xl/workbook.xml", `${OFFICE}.spreadsheetml.sheet`, "application/vnd.ms-excel.sheet.macroenabled.12"],
  [
    "ppt/presentation.xml",
    `${OFFICE}.presentationml.presentation`,
    "application/vnd.ms-powerpoint.presentation.macroenabled.12",
  ],
];

/** By the list of contents, which a ZIP file has at its end (APPNOTE 4.3.12). */
function zippedType(head: string, tail: string): string {
  const openDocument = OPEN_DOCUMENT.exec(head)?.[1];
  if (openDocument) return openDocument;
  const names = new Set<string>();
  for (let at = tail.indexOf("PK\x01\x02"); at !== -1; at = tail.indexOf("PK\x01\x02", at + 4)) {
    const length = tail.charCodeAt(at + 28) + 256 * tail.charCodeAt(at + 29);
    names.add(tail.slice(at + 46, at + 46 + length));
  }
  const hasMacros = [...names].some((name) => name.endsWith("vbaProject.bin"));
  if (names.has("AndroidManifest.xml")) return "application/vnd.android.package-archive";
  if (names.has("META-INF/MANIFEST.MF")) return "application/java-archive";
  const found = parts.find(([part]) => names.has(part));
  return found?.[hasMacros ? 2 : 1] ?? "application/zip";
}

const streams: readonly [string, string][] = [
  ["WordDocument", "application/msword"],
  ["Workbook", "application/vnd.ms-excel"],
  ["PowerPoint Document", "application/vnd.ms-powerpoint"],
];

/** Class id of a Windows Installer package, as it stands in the root entry. */
const INSTALLER = "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

/** By the beginning of the directory, whose place the header tells ([MS-CFB] 2.2). */
async function oldOfficeType(head: string, file: FileView): Promise<string | undefined> {
  const number = (at: number, bytes: number): number =>
    bytes === 0 ? 0 : head.charCodeAt(at) + 256 * number(at + 1, bytes - 1);
  const sectorSize = 2 ** Math.min(number(30, 2), 12);
  const directory = latin(await file.read((number(48, 4) + 1) * sectorSize, HEAD));
  const found = streams.find(([name]) => directory.includes([...name].join("\0")));
  return found?.[1] ?? (directory.includes(INSTALLER) ? "application/x-msi" : undefined);
}
