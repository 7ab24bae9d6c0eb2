import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Connector } from "../connector.ts";
import { attachmentOf, type Bench, becomesTickets } from "./bench.ts";
import { commentOn, messageId } from "./comments-group.ts";

/** A call of the connector, prepared so far that only the call itself is left. */
export interface Operation {
  name: string;
  /** Whether its answer may be that there is nothing. */
  looksUp: boolean;
  call(connector: Connector): Promise<unknown>;
}

/** Personal data of the operations: none of it may appear in an error or a log line. */
export const canaries = {
  phone: "+447700977123",
  name: "Canary Islander",
  subject: "canary subject",
  body: "canary body",
  fileName: "canary-file.png",
} as const;

/** One operation of each kind that the connector offers. */
export async function operationsOf(bench: Bench): Promise<Operation[]> {
  const { id, externalId } = await bench.sampleTicket();
  const operations: Operation[] = [];
  const add = (name: keyof Connector, looksUp: boolean, call: Operation["call"]) => {
    if (bench.connector[name]) operations.push({ name, looksUp, call });
  };
  const { phone, name, subject, body, fileName } = canaries;
  const asTickets = becomesTickets(bench.connector);
  const attachments =
    bench.connector.capabilities.maxAttachmentBytes > 0
      ? [attachmentOf(fileName, "image/png", Buffer.from("png"))]
      : [];
  const key = { externalId: `whatsapp:${phone}`, phone };
  if (!asTickets)
    add("upsertContact", false, (connector) =>
      connector.upsertContact(key, { name: `${name} ${bench.unique()}`, phone }),
    );
  add("createTicket", false, async (connector) => {
    const message = { person: key, contact: { name, phone }, body, attachments };
    return connector.createTicket(await bench.newTicket({ subject, description: body }, message));
  });
  if (!asTickets)
    add("addComment", false, (connector) =>
      connector.addComment(commentOn(id, messageId(bench), { body, attachments })),
    );
  add("updateTicket", false, async (connector) => connector.updateTicket?.(id, { status: "open" }));
  add("findTicket", true, async (connector) => connector.findTicket?.(externalId));
  add("findComment", true, async (connector) => connector.findComment?.(id, messageId(bench)));
  if (bench.connector.fetchAttachment) {
    const file = { ...(await bench.sampleFile()), name: fileName };
    const target = { path: join(bench.folder, "operation"), maxBytes: 1024 * 1024 };
    add("fetchAttachment", false, async (connector) => {
      await connector.fetchAttachment?.(file, target);
      await rm(target.path);
    });
  }
  add("listChanges", true, async (connector) => connector.listChanges?.(undefined));
  add("checkConnection", false, async (connector) => connector.checkConnection?.());
  return operations;
}
