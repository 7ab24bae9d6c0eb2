/** What bytes can only tell roughly, and the finer words for it that are believed. */
const finer: readonly [found: string, declared: RegExp][] = [
  ["text/plain", /^(text\/(csv|tab-separated-values|vcard|x-vcard|calendar|markdown)|application\/json)$/],
  [
    "application/zip",
    /^application\/(epub\+zip|vnd\.(apple\.\w+|google-earth\.kmz|oasis\.opendocument\.[a-z-]+))$/,
  ],
  ["application/xml", /^(text\/xml|application\/(gpx|vnd\.google-earth\.kml)\+xml)$/],
  ["application/ogg", /^(audio|video)\/ogg$/],
  ["video/mp4", /^audio\/mp4$/],
  ["video/3gpp", /^audio\/3gpp$/],
  ["audio/amr", /^audio\/amr-nb$/],
];

/** Types whose bytes are known: a file that has others only pretends to be one. */
const KNOWN =
  /^(image\/|text\/|video\/(mp4|3gpp|quicktime)$|audio\/(aac|amr|mpeg|mp4|ogg|wav)$|application\/(pdf|zip|xml|rtf|xhtml\+xml|javascript|msword$|vnd\.ms-|vnd\.openxmlformats))/;

/** What nobody knows, and nobody runs. */
const UNKNOWN = "application/octet-stream";

/** The type under which a file goes on: that of its bytes, in the words of its sender where those are finer. */
export function carriedType(found: string | undefined, declared: string): string {
  const essence = (declared.split(";")[0] ?? "").trim().toLowerCase();
  if (found === undefined)
    return /^[\w.+-]+\/[\w.+-]+$/.test(essence) && !KNOWN.test(essence) ? declared : UNKNOWN;
  const isFiner = finer.some(([rough, words]) => rough === found && words.test(essence));
  return essence === found || isFiner ? declared : found;
}
