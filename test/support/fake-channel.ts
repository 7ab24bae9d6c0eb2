import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Channel, SendRequest } from "../../src/sdk/channel.ts";
import { PluginError } from "../../src/sdk/errors.ts";
import type { TestClock } from "./clock.ts";
import { createScript, type Script } from "./scripted.ts";

/** A message that the provider took, with the id it gave. */
export interface Taken extends SendRequest {
  messageId: string;
  /** Of a file of ours. */
  bytes?: Buffer;
}

/** WhatsApp's side in memory. `sent` is the ledger: what the provider took, whether or not its answer arrived. */
export interface FakeChannel {
  channel: Channel;
  /** Calls `send`, `fetchMedia` and `markRead` are scripted by these names. */
  script: Script;
  sent: Taken[];
  /** Messages of people that were marked as read. */
  read: string[];
  /** Of these, where "typing …" was shown with it. */
  typing: string[];
  /** Files at the provider by media id. */
  files: Map<string, { bytes: Buffer; mimeType: string }>;
}

export function createFakeChannel({ clock }: { clock: TestClock }): FakeChannel {
  const script = createScript(clock);
  const sent: Taken[] = [];
  const read: string[] = [];
  const typing: string[] = [];
  const files: FakeChannel["files"] = new Map();
  const channel: Channel = {
    accountId: "106540352242922",
    verify: () => true,
    send: (request) =>
      script.play("send", () => {
        const messageId = `wamid.fake-${sent.length + 1}`;
        sent.push({ ...request, messageId, ...bytesOf(request) });
        return { messageId };
      }),
    markRead: (messageId, options) =>
      script.play("markRead", () => {
        read.push(messageId);
        if (options?.typing) typing.push(messageId);
      }),
    fetchMedia: (media, { path, maxBytes }) =>
      script.play("fetchMedia", async () => {
        const file = files.get(media.id);
        if (!file) throw refused("fetch file: Meta no longer has it");
        if (file.bytes.length > maxBytes)
          throw refused(`fetch file: the file is larger than ${maxBytes} bytes`);
        await writeFile(path, file.bytes);
        return { mimeType: file.mimeType, size: file.bytes.length };
      }),
  };
  return { channel, script, sent, read, typing, files };
}

function bytesOf({ outbound }: SendRequest): { bytes?: Buffer } {
  if (outbound.kind !== "media" || !("path" in outbound.media.source)) return {};
  return { bytes: readFileSync(outbound.media.source.path) };
}

function refused(operatorMessage: string): PluginError {
  return new PluginError({ kind: "rejected", operatorMessage });
}
