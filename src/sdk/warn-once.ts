import type { PluginLog } from "./tools.ts";

/**
 * Warns of one thing once for as long as the plugin runs: for what the settings or the helpdesk lack, which every message would
 * tell again. The message itself is what is remembered, so it holds nothing of a person or of one ticket.
 */
export function createWarnOnce(log: Pick<PluginLog, "warn">): (message: string) => void {
  const warned = new Set<string>();
  return (message) => {
    if (warned.has(message)) return;
    warned.add(message);
    log.warn(message);
  };
}
