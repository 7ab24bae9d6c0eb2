import { type Connector, type HttpClient, type RecordRef, saveDownload } from "deskferry/sdk";
import { z } from "zod";
import { change, toEvent } from "./changes.ts";
import { exact, foundRecords, newest, read } from "./records.ts";
import type { Settings } from "./settings.ts";

type Reads = Pick<
  Connector,
  "findTicket" | "findComment" | "listChanges" | "fetchAttachment" | "checkConnection"
>;

/** Everything that asks Acme Desk and changes nothing. */
export function reads(http: HttpClient, { url, account }: Settings): Reads {
  return {
    findTicket: (externalId) => find(http, "/tickets", externalId),
    findComment: (_ticketId, externalId) => find(http, "/comments", externalId),
    async listChanges(cursor) {
      // Without a cursor nothing of the past is told: polling starts at now.
      if (cursor === undefined) return { events: [], cursor: `${await newestId(http)}`, more: false };
      const what = "list changes";
      const query = { after: cursor };
      const answer = await http.request({ method: "GET", path: "/changes", query, what });
      const changes = read(answer, z.array(change), what);
      const events = changes.map((each) => toEvent(each, account));
      return { events, cursor: `${changes.at(-1)?.id ?? cursor}`, more: false };
    },
    async fetchAttachment({ id }, target) {
      const address = `${url}/files/${encodeURIComponent(id)}`;
      return saveDownload(await http.download({ url: address, what: "fetch file" }), target);
    },
    async checkConnection() {
      return [`the server answers, its newest change is ${await newestId(http)}`];
    },
  };
}

async function find(http: HttpClient, path: string, externalId: string): Promise<RecordRef | undefined> {
  const what = `look up ${path.slice(1)}`;
  const answer = await http.request({ method: "GET", path, query: { externalId }, what });
  return exact(read(answer, foundRecords, what), externalId);
}

async function newestId(http: HttpClient): Promise<number> {
  const what = "read the newest change";
  return read(await http.request({ method: "GET", path: "/newest", what }), newest, what).id;
}
