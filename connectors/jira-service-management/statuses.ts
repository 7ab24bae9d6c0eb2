import { PluginError, type TicketStatus, unexpectedShape } from "deskferry/sdk";
import { z } from "zod";
import { configProblem, id, issuePath, issueRecord, read, statusRecord } from "./records.ts";
import type { Settings } from "./settings.ts";
import type { JiraTools } from "./tools.ts";

const transitionList = z.object({ transitions: z.array(z.object({ id, to: statusRecord })) });

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** In our words; undefined for a status that the settings do not name. */
export function statusOf(name: string, { statuses }: Settings): TicketStatus | undefined {
  return Object.entries(statuses).find(([known]) => isSame(known, name))?.[1];
}

/** Statuses change by transitions of the workflow only. Which there are depends on where the issue stands. */
export async function updateTicket(
  key: string,
  { status }: { status: TicketStatus },
  tools: JiraTools,
): Promise<void> {
  const what = "update request";
  const { http, settings } = tools;
  if (statusOf(await presentStatus(key, tools), settings) === status) return;
  const path = issuePath(key, "transitions");
  const answer = await http.request({ method: "GET", path, what });
  const { transitions } = read(answer, transitionList, what);
  const wanted = namesOf(status, settings);
  const transition = wanted
    .map((name) => transitions.find(({ to }) => isSame(to.name, name)))
    .find((one) => one !== undefined);
  if (!transition) throw noWay(key, wanted);
  await http.request({ method: "POST", path, json: { transition: { id: transition.id } }, what });
  const after = await presentStatus(key, tools);
  if (statusOf(after, settings) === status) return;
  const operatorMessage = `${what}: Jira left ${key} at "${after}" instead of "${transition.to.name}"`;
  throw new PluginError({ kind: "rejected", operatorMessage });
}

async function presentStatus(key: string, { http }: JiraTools): Promise<string> {
  const what = "read status";
  const query = { fields: "status" };
  const answer = await http.request({ method: "GET", path: issuePath(key), query, what });
  const status = read(answer, issueRecord, what).fields.status?.name;
  if (status !== undefined) return status;
  throw unexpectedShape({ what, server: "Jira" }, "fields.status");
}

function namesOf(status: TicketStatus, { statuses }: Settings): string[] {
  const names = Object.entries(statuses).flatMap(([name, word]) => (word === status ? [name] : []));
  if (names.length > 0) return names;
  throw configProblem(`the setting statuses names no status of Jira for "${status}"`);
}

function noWay(key: string, wanted: string[]): PluginError {
  const names = wanted.map((name) => `"${name}"`).join(", ");
  const operatorMessage = `update request: the workflow lets our account lead ${key} to none of ${names}`;
  return new PluginError({ kind: "rejected", operatorMessage });
}
