import { cleanText, fromHttpResponse, type NewComment, type RecordRef, withEmptyFiles } from "deskferry/sdk";
import { getHistory, issueAddress, issueGone, putIssue, type RedmineTools } from "./issues.ts";
import { expectNothing, type Journal } from "./records.ts";
import { uploadAll } from "./uploads.ts";

/**
 * A note. Journals have no fields of their own, so our id goes into a field of the issue by the same request: the
 * history then says of that very note that the field changed to it, where staff, from whom it is hidden, do not see it.
 *
 * Redmine does not tell which journal it made. A comment's id is therefore ours, which finds it.
 */
export async function addComment(comment: NewComment, tools: RedmineTools): Promise<RecordRef> {
  const isInternal = comment.visibility === "internal";
  const what = `add ${isInternal ? "internal comment" : "comment"}`;
  const field = await tools.directory.field("message");
  const files = comment.attachments.filter((file) => file.size > 0);
  const uploads = await uploadAll(files, tools);
  const answer = await putIssue(
    comment.ticketId,
    {
      notes: cleanText(withEmptyFiles(comment)),
      private_notes: isInternal,
      custom_fields: [{ id: field, value: comment.externalId }],
      ...(uploads.length > 0 ? { uploads } : {}),
    },
    what,
    tools,
  );
  if (answer.status === 404) throw issueGone(comment.ticketId, what);
  expectNothing(answer, what);
  return { id: comment.externalId, address: issueAddress(tools.settings, comment.ticketId) };
}

export async function findComment(
  ticketId: string,
  externalId: string,
  tools: RedmineTools,
): Promise<RecordRef | undefined> {
  const what = "look up comment";
  const field = await tools.directory.field("message");
  await tools.directory.account();
  const issue = await getHistory(ticketId, tools);
  // What staff may not see looks like nothing; what was hidden from us would be written again.
  if (issue && !issue.custom_fields.has(field)) throw fromHttpResponse({ status: 403, headers: {} }, what, 0);
  const found = issue?.journals.find((journal) => messageOf(journal, field) === externalId);
  return found && { id: externalId, address: `${issueAddress(tools.settings, ticketId)}#change-${found.id}` };
}

/** Our id of the message that was written by this journal; undefined when it is not ours. */
export function messageOf({ details }: Journal, field: string): string | undefined {
  const change = details?.find(({ property, name }) => property === "cf" && name === field);
  return change?.new_value ?? undefined;
}
