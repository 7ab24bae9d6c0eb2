import {
  type Attachment,
  type HttpClient,
  type NewComment,
  transferTimeoutMs,
  uploadName,
  uploadType,
} from "deskferry/sdk";
import { z } from "zod";
import type { Link } from "./document.ts";
import { id, issuePath, read } from "./records.ts";
import type { Settings } from "./settings.ts";

const MOST_KEPT = 200;

const attached = z.array(z.object({ id, filename: z.string() }));

/** Files on their way to a comment. */
export interface Uploads {
  /** Attaches the files of a comment to its issue, all by one call. */
  links(comment: NewComment): Promise<Link[]>;
  /** The comment is there. */
  forget(comment: NewComment): void;
}

/**
 * An attachment stays when its comment fails, so what was attached is remembered for the next try. Another process knows
 * nothing of it and attaches the files again; setup.md says so.
 */
export function createUploads(http: HttpClient, settings: Settings): Uploads {
  const kept = new Map<string, Link[]>();
  const keyOf = ({ ticketId, externalId }: NewComment) => `${ticketId} ${externalId}`;

  async function attach(ticketId: string, files: Attachment[]): Promise<Link[]> {
    const what = "attach files";
    const answer = await http.request({
      method: "POST",
      path: issuePath(ticketId, "attachments"),
      headers: { "X-Atlassian-Token": "no-check" },
      form: files.map((file) => ({ name: "file", file: named(file) })),
      what,
      timeoutMs: transferTimeoutMs(files),
    });
    return read(answer, attached, what).map((file) => ({
      text: file.filename,
      href: `${settings.url}/rest/api/3/attachment/content/${file.id}`,
    }));
  }

  return {
    async links(comment) {
      const files = comment.attachments.filter(({ size }) => size > 0);
      if (files.length === 0) return [];
      const known = kept.get(keyOf(comment));
      if (known) return known;
      const links = await attach(comment.ticketId, files);
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(keyOf(comment), links);
      return links;
    },
    forget(comment) {
      kept.delete(keyOf(comment));
    },
  };
}

/** Without characters that end or escape a name in a multipart header, and folders. */
function named(file: Attachment): Attachment {
  const mimeType = uploadType(file.mimeType);
  return { ...file, mimeType, name: uploadName(file.name) };
}
