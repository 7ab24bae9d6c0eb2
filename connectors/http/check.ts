import { PluginError } from "deskferry/sdk";
import { z } from "zod";
import { notFound, optionalText } from "./answers.ts";
import type { Calls } from "./calls.ts";
import type { Settings } from "./settings.ts";

const what = "check connection";
/** `account` is compared with the settings, `says` is shown. */
const answer = z.object({ account: optionalText, says: optionalText });

export async function checkConnection(settings: Settings, calls: Calls): Promise<string[]> {
  await calls.compileAll();
  const { verdict, value } = await calls.run("checkConnection", {});
  if (verdict === "missing") throw notFound(what);
  const { account, says } = answer.safeParse(value ?? {}).data ?? {};
  if (account !== undefined && settings.account !== undefined && account !== settings.account) {
    const operatorMessage = `${what}: account: the system takes us for another account than the settings say`;
    throw new PluginError({ kind: "config", operatorMessage });
  }
  const { operations, webhook, idempotency } = settings;
  const pushed = webhook ? "changes arrive by webhook" : undefined;
  const polled = operations.listChanges ? "changes can be polled" : undefined;
  return [
    `all expressions compile, and the system answers at ${settings.url}`,
    ...(says ? [says.slice(0, 300)] : []),
    `idempotency class ${idempotency.class}; ${[pushed, polled].filter(Boolean).join(", ")}`,
    ...(settings.account || operations.listChanges === undefined
      ? []
      : ["no account is set: our own writes are known as ours only where events say isUs"]),
  ];
}
