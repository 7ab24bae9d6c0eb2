import { type EspoTools, list, type Where } from "./api.ts";
import { noteRecord, record } from "./records.ts";

const what = "check connection";

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: EspoTools): Promise<string[]> {
  const { settings, directory } = tools;
  const account = await directory.account();
  const nobody: Where = { type: "equals", attribute: settings.idField, value: "deskferry" };
  for (const path of ["/Case", "/Contact"])
    await list(path, { where: [nobody], select: ["id"], maxSize: 1 }, { item: record, what }, tools);
  if (settings.team) await directory.teamId(settings.team);
  await list("/GlobalStream", { maxSize: 1 }, { item: noteRecord, what }, tools);
  const users = await list("/User", { select: ["id"], maxSize: 2 }, { item: record, what }, tools);
  const sees = users.some(({ id }) => id !== account);
  return [
    `EspoCRM answers at ${settings.url}`,
    `the key belongs to the user ${account}, whose doings are taken for our own`,
    `cases and contacts have the field ${settings.idField}`,
    "the global stream can be read; changes are found by polling",
    ...(sees ? [] : ["warning: the role shows us no other user, so that no post is taken for staff's reply"]),
  ];
}
