import { PluginError } from "../../sdk/index.ts";

/** For what WhatsApp would certainly refuse, found before it is asked. The reason quotes nothing of the message. */
export function invalid(reason: string): PluginError {
  return new PluginError({
    kind: "rejected",
    code: "invalid",
    operatorMessage: `send message: ${reason}`,
    isLocal: true,
  });
}

/** The same for a file; words could still be sent instead. `says` stands after a colon, for staff. */
export function unusableFile(says: string): PluginError {
  return new PluginError({
    kind: "rejected",
    code: "file",
    operatorMessage: `send message: ${says}`,
    problem: { action: "drop_file", reason: "file", says },
    isLocal: true,
  });
}
