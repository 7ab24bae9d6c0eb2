import { type Attachment, PluginError, transferTimeoutMs } from "deskferry/sdk";
import { z } from "zod";
import { clean, cut, madeRecord, read, recordId } from "./records.ts";
import { literal } from "./soql.ts";
import type { CaseTools } from "./tickets.ts";

/** A file that lies in our own user's files, and on no case yet. */
export interface UploadedFile {
  documentId: string;
  name: string;
}

const what = "upload file";
const versionRow = z.object({ Id: recordId, ContentDocumentId: recordId });
const MOST_NAME = 200;

/** Files are uploaded first, and put on the case in one transaction with their comment. Empty ones are left out. */
export async function uploadFiles(attachments: Attachment[], tools: CaseTools): Promise<UploadedFile[]> {
  const files = attachments
    .filter(({ size }) => size > 0)
    .map((file) => ({ file, name: fileName(file.name) }));
  const versions: string[] = [];
  for (const { file, name } of files) versions.push(await upload(file, name, tools));
  if (versions.length === 0) return [];
  const soql = `SELECT Id, ContentDocumentId FROM ContentVersion WHERE Id IN (${versions.map(literal).join(", ")})`;
  const rows = await tools.api.query(soql, versionRow, what);
  return versions.map((id, index) => {
    const documentId = rows.find((row) => row.Id === id)?.ContentDocumentId;
    if (documentId) return { documentId, name: files[index]?.name ?? "" };
    const operatorMessage = `${what}: Salesforce does not find a file that it has just taken`;
    throw new PluginError({ kind: "ambiguous", operatorMessage });
  });
}

async function upload(file: Attachment, name: string, { api }: CaseTools): Promise<string> {
  // Salesforce shows the title, and makes the name of a download from it and the ending.
  const title = /^(.+)\.\w{1,10}$/.exec(name)?.[1] ?? name;
  const entity = { Title: title, PathOnClient: name };
  const answer = await api.request({
    method: "POST",
    path: "/sobjects/ContentVersion",
    form: [
      { name: "entity_content", value: JSON.stringify(entity), mimeType: "application/json" },
      { name: "VersionData", file: { ...file, name: "file", mimeType: "application/octet-stream" } },
    ],
    what,
    timeoutMs: transferTimeoutMs([file]),
  });
  return read(answer, madeRecord, what).id;
}

/** Without folders, and without what file systems of those who download it refuse. */
function fileName(name: string): string {
  return cut(clean(name).replace(/["\\/:*?<>|\r\n\t]/g, "_"), MOST_NAME) || "file";
}

/** Best effort: what stays is seen by nobody but our own user. */
export async function discard(files: UploadedFile[], { api, log }: CaseTools): Promise<void> {
  if (files.length === 0) return;
  const ids = files.map(({ documentId }) => documentId).join(",");
  const request = { method: "DELETE", path: "/composite/sobjects", what: "discard files" } as const;
  await api.request({ ...request, query: { ids, allOrNone: "false" } }).catch(() => {
    log.warn("files that no comment took up were left in Salesforce", { files: files.length });
  });
}
