import { type HttpClient, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { seesEverything } from "./changes.ts";
import { read, userRecord } from "./records.ts";
import type { TicketTools } from "./tickets.ts";

const what = "check connection";
const version = z.object({ Version: z.string() });
/** RT shows `Disabled` of other users to those only who may administer users. */
const otherUser = z.object({ Disabled: z.union([z.string(), z.number()]).optional() });

/** Tries what the connector will need, in the order in which an administrator sets it up. */
export async function checkConnection(tools: TicketTools): Promise<string[]> {
  const { http, settings, queues } = tools;
  const { Version } = read(await http.request({ method: "GET", path: "/rt", what }), version, what);
  await checkAccount(tools);
  queues.forget();
  const { ticket, tags, skills, firstAnswer } = settings.fields;
  const named = [ticket, tags, skills, firstAnswer].filter((field) => field !== undefined);
  const queue = await queues.check(settings.queue, named);
  if (!queue._hyperlinks?.some(({ ref }) => ref === "create")) {
    throw problem(
      `the account ${settings.username} may not create tickets in the queue ${settings.queue}; grant CreateTicket`,
    );
  }
  if (!(await seesEverything(tools))) {
    throw problem(
      `the account ${settings.username} sees tickets without their comments, which stops polling; ` +
        "grant ShowTicketComments wherever it has ShowTicket",
    );
  }
  return [
    `Request Tracker ${Version} answers at ${settings.url}`,
    `account ${settings.username} may administer contacts and create tickets in the queue ${settings.queue}`,
    `custom fields are in place: ${Object.values(settings.fields).filter(Boolean).join(", ")}`,
    settings.webhookSecret
      ? "changes arrive by webhook; polling finds what was missed"
      : "no webhookSecret is set: changes are found by polling",
  ];
}

async function checkAccount({ http, settings }: TicketTools): Promise<void> {
  // `1-<user id>-<32 hex digits>` (RT::AuthToken, ParseAuthString): the only way to learn whose token it is.
  const owner = /^\d+-(\d+)-/.exec(settings.token)?.[1] ?? settings.username;
  const account = await readUser(http, owner);
  if (account?.Name.toLowerCase() !== settings.username.toLowerCase()) {
    throw problem(
      `the token does not belong to the account ${settings.username}; our own writes would be taken for those of staff`,
    );
  }
  if (!account.Privileged)
    throw problem(`let the account ${settings.username} be granted rights (privileged)`);
  const missing = [settings.fields.phone, settings.fields.userId].filter(
    (name) => !account.CustomFields.has(name),
  );
  if (missing.length > 0) {
    throw problem(
      `users have no custom field ${missing.join(", ")}, or the account may not see it; load initialdata, or grant SeeCustomField`,
    );
  }
  const nobody = await http.request({ method: "GET", path: "/user/Nobody", what });
  if (read(nobody, otherUser, what).Disabled === undefined) {
    throw problem(`the account ${settings.username} may not administer contacts; grant AdminUsers`);
  }
}

async function readUser(http: HttpClient, idOrName: string) {
  const path = `/user/${encodeURIComponent(idOrName)}`;
  const answer = await http.request({ method: "GET", path, what, accept: [404] });
  return answer.status === 404 ? undefined : read(answer, userRecord, what);
}

function problem(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `${what}: ${reason}` });
}
