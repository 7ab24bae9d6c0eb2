import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { RequestTracker } from "../../scripts/request-tracker.ts";

interface Collection<T> {
  items: T[];
}

export interface RtTransaction {
  id: string;
  Type: string;
  Creator: { id: string };
}

/**
 * One connection an exchange. Request Tracker's server has few processes, and each is busy with one connection as
 * long as that is kept alive: fetch would take two of them away from the application under test.
 */
function exchange(url: string, method: string, token: string, body: unknown) {
  const headers = { Authorization: `token ${token}`, "Content-Type": "application/json" };
  return new Promise<{ status: number; answer: string }>((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

export interface RtFile {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

function contentOf(text: string, files: RtFile[]) {
  const attachments = files.map(({ name, mimeType, bytes }) => ({
    FileName: name,
    FileType: mimeType,
    FileContent: bytes.toString("base64"),
  }));
  const content = { Content: text, ContentType: "text/plain" };
  return files.length === 0 ? content : { ...content, Attachments: attachments };
}

/** What a member of staff does and sees in Request Tracker, by its REST 2.0. */
export function createRtAgent(rt: RequestTracker) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, answer } = await exchange(`${rt.url}/REST/2.0${path}`, method, rt.agent.token, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${answer}`);
    return JSON.parse(answer) as T;
  }

  async function attachmentsOf(transaction: string): Promise<{ name: string; bytes: Buffer }[]> {
    const { items } = await call<Collection<{ id: string }>>(
      "GET",
      `/transaction/${transaction}/attachments`,
    );
    const details = await Promise.all(
      items.map(({ id }) => call<{ Filename?: string; Content?: string | null }>("GET", `/attachment/${id}`)),
    );
    // A multipart's own entry holds nothing.
    return details.flatMap(({ Filename = "", Content }) =>
      Content ? [{ name: Filename, bytes: Buffer.from(Content, "base64") }] : [],
    );
  }

  return {
    tickets: async () => {
      const query = encodeURIComponent("id > 0");
      const fields = "fields=Subject,Status,Requestor,CustomFields";
      const { items } = await call<Collection<{ id: string; Subject: string; Status: string }>>(
        "GET",
        `/tickets?query=${query}&${fields}&per_page=100`,
      );
      return items;
    },
    ticket: (id: string) =>
      call<{
        Requestor: { id: string }[];
        CustomFields: { name: string; values: string[] }[];
        Status: string;
      }>("GET", `/ticket/${id}`),
    user: (name: string) =>
      call<{ Name: string; RealName: string; CustomFields: { name: string; values: string[] }[] }>(
        "GET",
        `/user/${encodeURIComponent(name)}`,
      ),
    /** Oldest first. */
    history: async (id: string): Promise<RtTransaction[]> => {
      const { items } = await call<Collection<RtTransaction>>(
        "GET",
        `/ticket/${id}/history?fields=Type,Creator&per_page=100`,
      );
      return items.sort((a, b) => Number(a.id) - Number(b.id));
    },
    attachmentsOf,
    /** The text of a transaction: its attachment without a file name. */
    textOf: async (transaction: string): Promise<string> => {
      const [text] = (await attachmentsOf(transaction)).filter(({ name }) => name === "");
      return text?.bytes.toString("utf8") ?? "";
    },
    reply: (id: string, text: string, files: RtFile[] = []) =>
      call("POST", `/ticket/${id}/correspond`, contentOf(text, files)),
    note: (id: string, text: string, files: RtFile[] = []) =>
      call("POST", `/ticket/${id}/comment`, contentOf(text, files)),
    setStatus: (id: string, status: string) => call("PUT", `/ticket/${id}`, { Status: status }),
  };
}
