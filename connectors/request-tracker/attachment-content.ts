import { PluginError } from "deskferry/sdk";

/** Where RT's JSON begins the bytes. Within a text the quotes would be escaped. */
const CONTENT = /(?<!\\)"Content"\s*:\s*("|null)/;
/** Characters of all that may stand before it, the file's mail headers above all. */
const LONGEST_HEAD = 1024 * 1024;

/**
 * The bytes of a file out of RT's JSON answer, where they stand as base64, piece by piece. Throws `ambiguous` for an
 * answer that is cut off, also behind the bytes (RT writes the fields in any order), or is another.
 */
export async function* contentOf(answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = createDecoder();
  let head = "";
  let isInside = false;
  let isComplete = false;
  for await (const chunk of answer) {
    if (isComplete) continue;
    let text: string = chunk.toString("latin1");
    if (!isInside) {
      head += text;
      const found = findContent(head);
      if (!found) continue;
      isInside = true;
      isComplete = found.isEmpty;
      text = found.rest;
    }
    if (isComplete) continue;
    const { bytes, isEnd } = decoder(text);
    if (bytes.length > 0) yield bytes;
    isComplete = isEnd;
  }
  if (!isComplete) throw unreadable();
}

/** Undefined while it has not come yet. */
function findContent(head: string): { isEmpty: boolean; rest: string } | undefined {
  const found = CONTENT.exec(head);
  if (found) return { isEmpty: found[1] === "null", rest: head.slice(found.index + found[0].length) };
  if (head.length > LONGEST_HEAD || !/^\s*(\{|$)/.test(head)) throw unreadable();
  return undefined;
}

/** Decodes whole groups of four, up to the quote that ends the text; what has come of the next group is kept. */
function createDecoder() {
  let left = "";
  return (text: string): { bytes: Buffer; isEnd: boolean } => {
    const end = text.indexOf('"');
    const come = left + (end === -1 ? text : text.slice(0, end));
    // An escape may come in two halves.
    const half = come.endsWith("\\") ? "\\" : "";
    const base64 = come
      .slice(0, come.length - half.length)
      .replace(/\\[nr]/g, "")
      .replaceAll("\\/", "/");
    const whole = base64.length - (base64.length % 4);
    left = base64.slice(whole) + half;
    if (end !== -1 && left !== "") throw unreadable();
    return { bytes: Buffer.from(base64.slice(0, whole), "base64"), isEnd: end !== -1 };
  };
}

function unreadable(): PluginError {
  const operatorMessage = "fetch file: the answer is not as Request Tracker writes it";
  return new PluginError({ kind: "ambiguous", code: "unexpected_shape", operatorMessage });
}
