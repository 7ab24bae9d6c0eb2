import type { Clock, HttpClient } from "deskferry/sdk";
import * as records from "./records.ts";
import { configProblem, read } from "./records.ts";
import type { FieldName, Settings } from "./settings.ts";

/** A project and what may stand in its issues, by name. */
export interface Project {
  id: string;
  identifier: string;
  isPublic: boolean;
  trackers: ReadonlyMap<string, string>;
  categories: ReadonlyMap<string, string>;
  fields: ReadonlyMap<string, string>;
}

/** Redmine's ids for the names in settings and mappings, asked for once in a while. All throw `config` for an unknown name. */
export interface Directory {
  project(identifier: string): Promise<Project>;
  /** The id of one of our fields. */
  field(name: FieldName): Promise<string>;
  /** Ids of Redmine's statuses by name. */
  statuses(): Promise<ReadonlyMap<string, string>>;
  priorities(): Promise<ReadonlyMap<string, string>>;
  /** Users who are members of a project, by its id, with the names of their roles. */
  members(projectId: string): Promise<Member[]>;
  /** The same, asked for now. */
  membersNow(projectId: string): Promise<Member[]>;
  /** Id of our account; throws `auth` when Redmine does not know the key. */
  account(): Promise<string>;
  /** The same, asked for now. */
  confirmAccount(): Promise<string>;
  forget(): void;
}

export interface Member {
  id: string;
  name: string;
  roles: string[];
}

export interface DirectoryTools {
  http: HttpClient;
  settings: Settings;
  clock: Clock;
}

const KEEP_MS = 300_000;
const PAGE = 100;
const contactFields = new Set<FieldName>(["person", "phone", "userId", "email", "language", "organisation"]);

export function createDirectory(tools: DirectoryTools): Directory {
  const { settings, clock } = tools;
  const known = new Map<string, { value: unknown; at: number }>();
  async function keep<T>(key: string, load: () => Promise<T>): Promise<T> {
    const found = known.get(key);
    if (found && clock.now() - found.at < KEEP_MS) return found.value as T;
    const value = await load();
    known.set(key, { value, at: clock.now() });
    return value;
  }
  const directory: Directory = {
    project: (identifier) => keep(`project ${identifier}`, () => loadProject(identifier, tools)),
    async field(name) {
      const wanted = settings.fields[name];
      if (typeof wanted === "number") return String(wanted);
      const identifier = contactFields.has(name)
        ? settings.contactProject
        : (settings.project.split("/")[0] ?? "");
      const { fields } = await directory.project(identifier);
      const id = wanted === undefined ? undefined : fields.get(wanted);
      if (id === undefined) throw fieldMissing(identifier, String(wanted));
      return id;
    },
    statuses: () => keep("statuses", () => loadStatuses(tools)),
    priorities: () => keep("priorities", () => loadPriorities(tools)),
    members: (projectId) => keep(`members ${projectId}`, () => loadMembers(projectId, tools)),
    async membersNow(projectId) {
      known.delete(`members ${projectId}`);
      return directory.members(projectId);
    },
    account: () => keep("account", () => loadAccount(tools)),
    async confirmAccount() {
      known.delete("account");
      return directory.account();
    },
    forget: () => known.clear(),
  };
  return directory;
}

export function fieldMissing(identifier: string, name: string) {
  return configProblem(
    `the project ${identifier} lists no custom field ${name}; run setup.rb for it, or give the field's number ` +
      'if it is "for all projects" (see setup.md)',
  );
}

const byName = (list: { id: string; name: string }[]) => new Map(list.map(({ id, name }) => [name, id]));

async function loadProject(identifier: string, { http }: DirectoryTools): Promise<Project> {
  const what = "read project";
  const answer = await http.request({
    method: "GET",
    path: `/projects/${encodeURIComponent(identifier)}.json`,
    query: { include: "trackers,issue_categories,issue_custom_fields" },
    what,
    accept: [403, 404],
  });
  if (answer.status === 403 || answer.status === 404) {
    throw configProblem(
      `${what}: Redmine shows the account no project "${identifier}"; create it, or make the account a member of it`,
    );
  }
  const { project } = read(answer, records.project, what);
  return {
    id: project.id,
    identifier: project.identifier,
    isPublic: project.is_public ?? false,
    trackers: byName(project.trackers),
    categories: byName(project.issue_categories),
    fields: byName(project.issue_custom_fields),
  };
}

async function loadStatuses({ http }: DirectoryTools) {
  const what = "read statuses";
  const answer = await http.request({ method: "GET", path: "/issue_statuses.json", what });
  return byName(read(answer, records.statusList, what).issue_statuses);
}

async function loadPriorities({ http }: DirectoryTools) {
  const what = "read priorities";
  const answer = await http.request({ method: "GET", path: "/enumerations/issue_priorities.json", what });
  return byName(read(answer, records.priorityList, what).issue_priorities);
}

/** To a key that it does not know, Redmine answers as to anybody, mostly by empty lists. Here it answers 401. */
async function loadAccount({ http }: DirectoryTools): Promise<string> {
  const what = "read account";
  const answer = await http.request({ method: "GET", path: "/users/current.json", what });
  return read(answer, records.account, what).user.id;
}

async function loadMembers(projectId: string, { http }: DirectoryTools): Promise<Member[]> {
  const what = "read members";
  const members: Member[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const path = `/projects/${encodeURIComponent(projectId)}/memberships.json`;
    const answer = await http.request({ method: "GET", path, query: { limit: PAGE, offset }, what });
    const page = read(answer, records.memberships, what);
    for (const { user, roles } of page.memberships) {
      if (user) members.push({ ...user, roles: roles.map(({ name }) => name) });
    }
    if (offset + PAGE >= page.total_count) return members;
  }
}
