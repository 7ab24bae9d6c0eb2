import { type Attachment, cleanText, transferTimeoutMs } from "deskferry/sdk";
import type { RedmineTools } from "./issues.ts";
import { read, upload } from "./records.ts";

/** A file that waits in Redmine until an issue takes it; Redmine drops what none takes. */
interface Upload {
  token: string;
  filename: string;
  content_type: string;
  description?: string;
}

const what = "upload file";
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+$/;
const LONGEST_NAME = 200;

/** One after another, in their order. */
export async function uploadAll(files: Attachment[], tools: RedmineTools): Promise<Upload[]> {
  const uploads: Upload[] = [];
  for (const file of files) uploads.push(await uploadOne(file, tools));
  return uploads;
}

async function uploadOne(file: Attachment, { http }: RedmineTools): Promise<Upload> {
  const filename = fileName(file.name);
  const answer = await http.request({
    method: "POST",
    path: "/uploads.json",
    query: { filename },
    file,
    what,
    timeoutMs: transferTimeoutMs([file]),
  });
  const { token } = read(answer, upload, what).upload;
  const type = file.mimeType.split(";")[0]?.trim() ?? "";
  const given = cleanText(file.name).replace(/\s+/g, " ").slice(0, LONGEST_NAME);
  return {
    token,
    filename,
    content_type: MIME_TYPE.test(type) ? type : "application/octet-stream",
    ...(given === filename ? {} : { description: given }),
  };
}

/**
 * Redmine puts `_` for these characters itself, and takes what stands before a slash for a folder
 * (Attachment#sanitize_filename). The name as the person gave it stands beside the file as its description.
 */
function fileName(name: string): string {
  const safe = cleanText(name).replace(/[\\/?%*:|"'<>\r\n\t]/g, "_");
  if (safe.length <= LONGEST_NAME) return safe || "file";
  const ending = /\.[^.]{1,10}$/.exec(safe)?.[0] ?? "";
  return `${[...safe].slice(0, LONGEST_NAME / 2).join("")}${ending}`;
}
