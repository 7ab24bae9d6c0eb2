/** The beginnings of real files: enough to know them by. */
const latin = (text: string) => Buffer.from(text, "latin1");

const zip = (...names: string[]) => {
  const entry = (name: string) => {
    const header = Buffer.alloc(46);
    header.write("PK\x01\x02", 0, "latin1");
    header.writeUInt16LE(name.length, 28);
    return Buffer.concat([header, latin(name)]);
  };
  return Buffer.concat([
    latin("PK\x03\x04"),
    Buffer.alloc(9000, 1),
    ...names.map(entry),
    latin("PK\x05\x06"),
  ]);
};

/** A compound file with its directory in the sector `at`. */
const compound = (stream: string, at = 30, classId = Buffer.alloc(16)) => {
  const bytes = Buffer.alloc(512 * (at + 10));
  bytes.write("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "latin1");
  bytes.writeUInt16LE(9, 30);
  bytes.writeUInt32LE(at, 48);
  bytes.write("Root Entry", 512 * (at + 1), "utf16le");
  classId.copy(bytes, 512 * (at + 1) + 80);
  bytes.write(stream, 512 * (at + 1) + 128, "utf16le");
  return bytes;
};

const movie = (brand: string) => Buffer.concat([latin(`\0\0\0\x18ftyp${brand}\0\0\0\0`), Buffer.alloc(40)]);

export const jpeg = Buffer.concat([
  latin("\xff\xd8\xff\xe0\0\x10JFIF\0"),
  Buffer.alloc(500, 7),
  latin("\xff\xd9"),
]);
export const pdf = latin("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n");
export const mp4 = movie("isom");
export const text = Buffer.from("Opening hours\nMo–Fr 9–17\n");

/** By type, as a list because some types have several forms. */
export const samples: [string | undefined, string, Buffer][] = [
  ["image/jpeg", "a photo", jpeg],
  ["image/png", "a picture", latin("\x89PNG\r\n\x1a\n\0\0\0\rIHDR")],
  ["image/webp", "a sticker", latin("RIFF\x24\0\0\0WEBPVP8 ")],
  ["image/gif", "an animation", latin("GIF89a\x01\0\x01\0")],
  ["image/tiff", "a scan", latin("II*\0\x08\0\0\0")],
  ["image/bmp", "a bitmap", latin("BM\x46\0\0\0\0\0\0\0\x36\0")],
  ["image/heic", "a photo of a new phone", movie("heic")],
  ["video/mp4", "a film", mp4],
  ["video/mp4", "a film of another kind", movie("mp42")],
  ["video/3gpp", "a film of an old phone", movie("3gp5")],
  ["video/quicktime", "a film of Apple's", movie("qt  ")],
  ["audio/mp4", "a recording", movie("M4A ")],
  ["audio/ogg", "a voice note", latin(`OggS\0\x02${"\0".repeat(22)}OpusHead\x01\x01`)],
  ["application/ogg", "music in Ogg Vorbis", latin(`OggS\0\x02${"\0".repeat(22)}\x01vorbis`)],
  ["audio/mpeg", "music with a title", latin("ID3\x04\0\0")],
  ["audio/mpeg", "music without one", latin("\xff\xfb\x90\x64\0\0")],
  ["audio/aac", "AAC", latin("\xff\xf1\x50\x80\0\0")],
  ["audio/amr", "AMR", latin("#!AMR\n\x3c")],
  ["audio/wav", "a wave file", latin("RIFF\x24\0\0\0WAVEfmt ")],
  ["application/pdf", "a paper", pdf],
  ["application/pdf", "a paper after some rubbish", Buffer.concat([latin("\r\n\0rubbish"), pdf])],
  ["application/rtf", "rich text", latin("{\\rtf1\\ansi")],
  [
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "a letter",
    zip("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
  ],
  [
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "a sheet",
    zip("[Content_Types].xml", "xl/workbook.xml"),
  ],
  [
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "slides",
    zip("ppt/presentation.xml"),
  ],
  [
    "application/vnd.ms-word.document.macroenabled.12",
    "a letter with macros",
    zip("word/document.xml", "word/vbaProject.bin"),
  ],
  ["application/zip", "an archive", zip("word.txt", "letter/word/document.xml.bak")],
  [
    "application/vnd.oasis.opendocument.text",
    "a letter of LibreOffice",
    latin(`PK\x03\x04${"\x01".repeat(26)}mimetypeapplication/vnd.oasis.opendocument.textPK`),
  ],
  ["application/msword", "an old letter", compound("WordDocument")],
  ["application/vnd.ms-excel", "an old sheet", compound("Workbook", 3)],
  ["application/vnd.ms-powerpoint", "old slides", compound("PowerPoint Document")],
  [undefined, "a mail of Outlook", compound("\u4840\u3b3f")],
  [
    "application/x-msi",
    "an installer",
    compound("\u4840\u3b3f", 30, Buffer.from("84100c0000000000c000000000000046", "hex")),
  ],
  ["application/gzip", "a tarball", latin("\x1f\x8b\x08\0")],
  ["text/plain", "a text", text],
  ["text/plain", "a text of an old Windows", latin("caf\xe9 \xa3 5\r\n")],
  ["text/html", "a page", latin("\n<!DOCTYPE html><html>")],
  ["text/html", "a page with a remark before it", latin("<!-- hello --><html>")],
  ["text/html", "a page in XML", latin("<?xml version='1.0'?>\n<!-- a > b --><html xmlns='x'>")],
  [
    "text/html",
    "XML with a style that can run",
    latin("<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><a>"),
  ],
  ["text/html", "XML whose first element is far away", latin(`<?xml version='1.0'?><!--${" ".repeat(5000)}`)],
  ["image/svg+xml", "a drawing", Buffer.from("\ufeff<svg xmlns=''/>")],
  [
    "image/svg+xml",
    "a drawing behind a doctype",
    latin("<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg >"),
  ],
  ["image/svg+xml", "a drawing under a prefix", latin("<?xml version='1.0'?><s:svg xmlns:s='x'>")],
  ["application/xml", "an invoice", latin("<?xml version='1.0'?><ubl:Invoice xmlns:ubl='urn:x'>")],
  ["application/vnd.microsoft.portable-executable", "a program", latin("MZ\x90\0\x03\0\0\0")],
  [
    "application/vnd.microsoft.portable-executable",
    "a program with a paper in it",
    Buffer.concat([latin("MZ\0\0"), pdf]),
  ],
  ["text/plain", "a text about MZ", latin("MZ is short for Mozambique.\n")],
  ["application/x-elf", "a program of Linux", latin("\x7fELF\x02\x01\x01")],
  ["application/x-mach-binary", "a program of Apple's", latin("\xcf\xfa\xed\xfe\x07")],
  ["application/java-vm", "a class of Java's", latin("\xca\xfe\xba\xbe\0\0\0\x34")],
  ["application/wasm", "WebAssembly", latin("\0asm\x01\0\0\0")],
  ["application/vnd.android.dex", "a program of Android's", latin("dex\n035\0")],
  ["application/x-ms-shortcut", "a shortcut", latin("L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0")],
  ["application/vnd.ms-cab-compressed", "a cabinet", latin("MSCF\0\0\0\0\x2c")],
  ["application/java-archive", "an archive that Java runs", zip("META-INF/MANIFEST.MF", "A.class")],
  ["application/vnd.android.package-archive", "an app", zip("AndroidManifest.xml", "classes.dex")],
  ["text/x-shellscript", "a script", latin("#!/bin/sh\nrm -rf /\n")],
  [undefined, "a text with a NUL", latin("words\0words")],
  [undefined, "nothing", Buffer.alloc(0)],
];
