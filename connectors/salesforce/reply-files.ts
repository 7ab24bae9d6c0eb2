import {
  type AttachmentRef,
  type FetchedMedia,
  type HelpdeskEvent,
  type MediaTarget,
  PluginError,
  saveDownload,
} from "deskferry/sdk";
import { z } from "zod";
import { recordId } from "./records.ts";
import { literal } from "./soql.ts";
import type { CaseTools } from "./tickets.ts";

const what = "fetch file";

/** How our comments name the files that came with them, and staff those that are to go along. */
const NAMED = /\(file: (.{1,255}?)\)(?=\s|$)/g;

const linkRow = z.object({
  ContentDocument: z.object({
    Title: z.string(),
    FileExtension: z.string().nullish(),
    LatestPublishedVersionId: recordId,
  }),
});

type File = Pick<AttachmentRef, "id" | "name">;

/** A case comment cannot hold files. Those of its case that a reply of staff names in our way are taken for its own. */
export async function withFiles(event: HelpdeskEvent, tools: CaseTools): Promise<HelpdeskEvent> {
  if (event.type !== "comment.added" || event.visibility !== "public" || event.author.isUs) return event;
  const names = [...event.body.matchAll(NAMED)].map(([, name = ""]) => name.trim());
  if (names.length === 0) return event;
  const present = await filesOf(event.ticket.id, tools);
  const fileNamed = (name: string) => present.get(name.trim().toLowerCase());
  const attachments = names.flatMap((name) => fileNamed(name) ?? []);
  return { ...event, body: without(event.body, (name) => fileNamed(name) !== undefined), attachments };
}

/** By name in small letters; of several with one name the newest. */
async function filesOf(caseId: string, { api }: CaseTools): Promise<Map<string, File>> {
  const fields = ["Title", "FileExtension", "LatestPublishedVersionId"].map(
    (name) => `ContentDocument.${name}`,
  );
  const soql = `SELECT ${fields.join(", ")} FROM ContentDocumentLink WHERE LinkedEntityId = ${literal(caseId)}`;
  const rows = await api.query(soql, linkRow, "look up files");
  const files = rows.map(({ ContentDocument: found }) => ({
    id: found.LatestPublishedVersionId,
    name: found.FileExtension ? `${found.Title}.${found.FileExtension}` : found.Title,
  }));
  const inOrder = files.sort((left, right) => (left.id < right.id ? -1 : 1));
  return new Map(inOrder.map((file) => [file.name.toLowerCase(), file]));
}

/** The text without the names of files that go along, and without the lines that held nothing else. */
function without(body: string, goesAlong: (name: string) => boolean): string {
  const lines = body.split("\n").flatMap((line) => {
    const rest = line.replace(NAMED, (all, name: string) => (goesAlong(name) ? "" : all)).trimEnd();
    return rest.trim() === "" && line.trim() !== "" ? [] : [rest];
  });
  return lines.join("\n").trim();
}

export async function fetchAttachment(
  file: AttachmentRef,
  target: MediaTarget,
  { api }: CaseTools,
): Promise<FetchedMedia> {
  if (!/^068\w{12}(\w{3})?$/.test(file.id)) {
    const operatorMessage = `${what}: Salesforce has no file of this id`;
    throw new PluginError({ kind: "not_found", operatorMessage });
  }
  return saveDownload(await api.download(`/sobjects/ContentVersion/${file.id}/VersionData`, what), target);
}
