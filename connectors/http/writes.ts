import { type Connector, type NewComment, PluginError } from "deskferry/sdk";
import { notFound, recordOf, samePerson } from "./answers.ts";
import type { Calls } from "./calls.ts";
import type { Settings } from "./settings.ts";

type Writes = Pick<Connector, "upsertContact" | "createTicket" | "addComment" | "updateTicket">;

export function writes(settings: Settings, calls: Calls): Writes {
  const { operations } = settings;

  const upsertContact: Connector["upsertContact"] = async (key, contact) => {
    if (operations.findContact) {
      const found = samePerson(await calls.run("findContact", { key }), key, "find contact");
      if (found && !operations.updateContact) return found;
      if (found) {
        const outcome = await calls.run("updateContact", { key, contact, contactId: found.id });
        return recordOf(outcome, "update contact");
      }
    }
    return recordOf(await calls.run("upsertContact", { key, contact }), "save contact");
  };

  return {
    upsertContact,
    async createTicket({ externalId, contactId, ticket }) {
      const input = { externalId, contactId, ticket };
      return recordOf(await calls.run("createTicket", input, { key: externalId }), "create ticket");
    },
    async addComment(comment) {
      refuseImpossible(comment, settings);
      const { attachments, ...rest } = comment;
      const described = attachments.map(({ name, mimeType, size }) => ({ name, mimeType, size }));
      const input = { ...rest, attachments: described };
      return recordOf(
        await calls.run("addComment", input, { key: comment.externalId, attachments }),
        "add comment",
      );
    },
    ...(operations.updateTicket ? { updateTicket: updateTicket(settings, calls) } : {}),
  };
}

function updateTicket({ statuses }: Settings, calls: Calls): NonNullable<Connector["updateTicket"]> {
  const what = "update ticket";
  return async (ticketId, { status }) => {
    const rawStatus = Object.keys(statuses).find((raw) => statuses[raw] === status);
    if (rawStatus === undefined) {
      const operatorMessage = `${what}: none of the system's statuses means "${status}"; add one to statuses`;
      throw new PluginError({ kind: "rejected", code: "no_such_status", operatorMessage });
    }
    const { verdict } = await calls.run("updateTicket", { ticketId, status, rawStatus });
    if (verdict === "missing") throw notFound(what);
  };
}

function refuseImpossible({ visibility, attachments }: NewComment, settings: Settings): void {
  const refuse = (code: string, reason: string) => {
    throw new PluginError({ kind: "rejected", code, operatorMessage: `add comment: ${reason}` });
  };
  if (visibility === "internal" && !settings.internalComments) {
    refuse(
      "no_internal_comments",
      "the system cannot hide a comment from the person (internalComments: false)",
    );
  }
  const { files } = settings.operations.addComment;
  if (attachments.length > 0 && !files) refuse("no_files", "the settings name no way for files (files)");
  if (files && attachments.some(({ size }) => size > files.maxBytes)) {
    refuse("too_large", `a file is larger than ${files.maxBytes} bytes`);
  }
}
