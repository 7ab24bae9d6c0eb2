import { type Clock, type HttpClient, PluginError } from "deskferry/sdk";
import { list } from "./api.ts";
import { accountRecord, read, record, userRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

const KEEP_MS = 10 * 60_000;
/** EspoCRM makes ids of 17 digits, or UUIDs where its configuration says so. */
const isId = (text: string) => /^([0-9a-f]{17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(text);

/** What seldom changes, asked for when first needed. */
export interface Directory {
  /** Id of the account that our key belongs to. */
  account(): Promise<string>;
  teamId(team: string): Promise<string>;
  /** Undefined when nobody is known by that login or id. */
  userId(user: string): Promise<string | undefined>;
  /** Those of the users who are staff. Users of portals, and those whom the role hides from us, are not. */
  staffAmong(users: Iterable<string>): Promise<Set<string>>;
  /** Throws when cases lack our field: a case without our id could not be found again. */
  confirmField(): Promise<void>;
}

export function createDirectory(tools: { http: HttpClient; settings: Settings; clock: Clock }): Directory {
  const { http, settings, clock } = tools;
  let account: string | undefined;
  let hasField = false;
  const teams = new Map<string, string>();
  const staff = new Map<string, { isStaff: boolean; at: number }>();
  const isStale = (id: string) => clock.now() - (staff.get(id)?.at ?? -KEEP_MS) >= KEEP_MS;

  async function byName(path: string, attribute: string, value: string): Promise<string | undefined> {
    const what = `look up ${path.slice(1).toLowerCase()}`;
    const where = [{ type: "equals", attribute, value }] as const;
    const search = { where: [...where], select: ["id", attribute], maxSize: 2 };
    const found = await list(path, search, { item: record, what }, tools);
    return found.find((each) => each[attribute] === value)?.id;
  }

  return {
    async account() {
      const what = "look up our account";
      account ??= read(await http.request({ method: "GET", path: "/App/user", what }), accountRecord, what)
        .user.id;
      return account;
    },
    async teamId(team) {
      const known = isId(team) ? team : (teams.get(team) ?? (await byName("/Team", "name", team)));
      if (known === undefined) {
        const operatorMessage = `EspoCRM shows us no team "${team}": the account must be a member of it`;
        throw new PluginError({ kind: "config", operatorMessage });
      }
      teams.set(team, known);
      return known;
    },
    userId: async (user) => (isId(user) ? user : byName("/User", "userName", user)),
    async staffAmong(users) {
      const wanted = [...new Set(users)];
      const unknown = wanted.filter(isStale);
      if (unknown.length > 0) {
        const search = {
          where: [{ type: "in" as const, attribute: "id", value: unknown }],
          select: ["id", "type"],
        };
        const found = await list("/User", search, { item: userRecord, what: "look up users" }, tools);
        const members = found.filter(({ type }) => type === "regular" || type === "admin");
        const ids = new Set(members.map(({ id }) => id));
        for (const id of unknown) staff.set(id, { isStaff: ids.has(id), at: clock.now() });
      }
      return new Set(wanted.filter((id) => staff.get(id)?.isStaff));
    },
    async confirmField() {
      if (hasField) return;
      const where = [{ type: "equals" as const, attribute: settings.idField, value: "deskferry" }];
      const asked = { item: record, what: "look for our field" };
      await list("/Case", { where, select: ["id"], maxSize: 1 }, asked, tools);
      hasField = true;
    },
  };
}
