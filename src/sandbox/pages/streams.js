// Talking with the page server: event streams in, JSON out.

/** Calls back for every event, past and future; `onState` hears whether the stream is up. */
export function listen(url, onEvent, onState) {
  const source = new EventSource(url);
  source.onmessage = ({ data }) => onEvent(JSON.parse(data));
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
}

export async function getJson(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

/** Throws with the server's own reason when it refuses. */
export async function sendJson(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error ?? `the server answered ${answer.status}`);
  return said;
}

/** A file as the sandbox wants it. */
export async function toMedia(blob, more = {}) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return { mimeType: blob.type, base64: btoa(binary), ...more };
}
