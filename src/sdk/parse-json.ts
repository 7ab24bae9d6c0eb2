/** JSON from outside, as unknown as it is; undefined where it is none, which no schema of an object takes. */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
