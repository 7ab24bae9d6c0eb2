import { type ErrorKind, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { findUser } from "./contacts.ts";
import { read, userRecord, type ZammadTools } from "./records.ts";
import { findTickets } from "./tickets.ts";

const what = "check connection";
const nameList = z.array(z.object({ name: z.string() }));
/** Neither a login nor an id of ours. */
const NOTHING = "deskferry-check-finds-nothing";

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: ZammadTools): Promise<string[]> {
  const { http, settings } = tools;
  const me = read(await http.request({ method: "GET", path: "/users/me", what }), userRecord, what);
  if (me.id !== settings.account) {
    throw problem(
      `account: the token's account has the number ${me.id}; our own writes would be taken for staff's`,
    );
  }
  await checkImpersonation(tools);
  await checkAttribute(tools);
  await checkStates(tools);
  return [
    `Zammad answers at ${settings.url}`,
    `account ${me.id} may ask for users and tickets, whose attribute ${settings.attribute} is there`,
    `public articles by agents go to people when they are of the type ${settings.replyTypes.join(", ")}`,
    settings.webhookSecret
      ? "changes arrive by webhook; polling finds what was missed"
      : "no webhookSecret is set: changes are found by polling",
  ];
}

async function checkImpersonation(tools: ZammadTools): Promise<void> {
  try {
    await findUser(NOTHING, tools);
  } catch (error) {
    const isForbidden = error instanceof PluginError && error.code === 403;
    throw isForbidden ? problem("the account and its token need the permission admin.user", "auth") : error;
  }
}

/** Zammad leaves out what it has no attribute for, so that this shows in a search only. */
async function checkAttribute(tools: ZammadTools): Promise<void> {
  const condition = { [`ticket.${tools.settings.attribute}`]: { operator: "is", value: NOTHING } };
  const { tickets } = await findTickets(condition, { per_page: 1 }, what, tools);
  if (tickets.length === 0) return;
  throw problem(
    `attribute: Zammad did not heed a search by ${tools.settings.attribute}, see "Versions" in setup.md`,
  );
}

async function checkStates({ http, settings }: ZammadTools): Promise<void> {
  const answer = await http.request({ method: "GET", path: "/ticket_states", what });
  const present = new Set(read(answer, nameList, what).map(({ name }) => name));
  const ours = new Set(Object.values(settings.statuses));
  const written = [...ours].map((status) =>
    Object.keys(settings.statuses).find((state) => settings.statuses[state] === status),
  );
  const missing = written.filter((state) => state !== undefined && !present.has(state));
  if (missing.length > 0) throw problem(`statuses: Zammad has no state ${missing.join(", ")}`);
}

function problem(reason: string, kind: ErrorKind = "config"): PluginError {
  return new PluginError({ kind, operatorMessage: `${what}: ${reason}` });
}
