import type { Clock, HttpClient } from "deskferry/sdk";
import { z } from "zod";
import { configProblem, id, read, userRecord } from "./records.ts";
import type { Settings } from "./settings.ts";

const KEPT_MS = 10 * 60_000;
const PAGE = 100;
const MOST_PAGES = 20;

const fieldRecord = z.object({
  id: z.string(),
  name: z.string(),
  schema: z.object({ type: z.string(), items: z.string().nullish(), custom: z.string().nullish() }).nullish(),
});
const deskRecord = z.object({ id, projectKey: z.string() });
const typePage = z.object({ isLastPage: z.boolean(), values: z.array(z.object({ id, name: z.string() })) });

export type Field = z.output<typeof fieldRecord>;

/** What Jira calls things, by the names that staff know. */
export interface Directory {
  /** Key of the service project. */
  projectKey(): Promise<string>;
  /** By name or number; `config` when the service project has none. */
  requestTypeId(nameOrId: string): Promise<string>;
  /** By name or id; undefined when there is none. */
  field(nameOrId: string): Promise<Field | undefined>;
  /** By account id or e-mail address; undefined when nobody of that kind may be given tickets. */
  assigneeId(emailOrId: string): Promise<string | undefined>;
}

export function createDirectory(http: HttpClient, { serviceDesk }: Settings, clock: Clock): Directory {
  const desk = keep(async () => {
    const what = "look up service project";
    const path = `/rest/servicedeskapi/servicedesk/${serviceDesk}`;
    return read(await http.request({ method: "GET", path, what }), deskRecord, what);
  });
  const requestTypes = keep(async () => {
    const what = "look up request type";
    const path = `/rest/servicedeskapi/servicedesk/${serviceDesk}/requesttype`;
    const ids = new Map<string, string>();
    for (let count = 0; count < MOST_PAGES; count++) {
      const query = { start: count * PAGE, limit: PAGE };
      const page = read(await http.request({ method: "GET", path, query, what }), typePage, what);
      for (const type of page.values) ids.set(type.name.toLowerCase(), type.id);
      if (page.isLastPage) break;
    }
    return ids;
  });
  const fields = keep(async () => {
    const what = "look up field";
    const answer = await http.request({ method: "GET", path: "/rest/api/3/field", what });
    return read(answer, z.array(fieldRecord), what);
  });

  function keep<T>(load: () => Promise<T>): () => Promise<T> {
    let kept: { value: T; at: number } | undefined;
    return async () => {
      if (!kept || clock.now() - kept.at > KEPT_MS) kept = { value: await load(), at: clock.now() };
      return kept.value;
    };
  }

  const projectKey = async () => (await desk()).projectKey;

  return {
    projectKey,
    async requestTypeId(nameOrId) {
      if (/^\d+$/.test(nameOrId)) return nameOrId;
      const found = (await requestTypes()).get(nameOrId.toLowerCase());
      if (found) return found;
      throw configProblem(`look up request type: the service project has none named "${nameOrId}"`);
    },
    async field(nameOrId) {
      const all = await fields();
      const name = nameOrId.toLowerCase();
      return (
        all.find((field) => field.id === nameOrId) ?? all.find((field) => field.name.toLowerCase() === name)
      );
    },
    async assigneeId(emailOrId) {
      const isAddress = emailOrId.includes("@");
      const what = "look up assignee";
      const project = await projectKey();
      const query = { project, ...(isAddress ? { query: emailOrId } : { accountId: emailOrId }) };
      const path = "/rest/api/3/user/assignable/search";
      const found = read(await http.request({ method: "GET", path, query, what }), z.array(userRecord), what);
      const isIt = ({ accountId, emailAddress }: z.output<typeof userRecord>) =>
        isAddress ? emailAddress?.toLowerCase() === emailOrId.toLowerCase() : accountId === emailOrId;
      return found.find(isIt)?.accountId ?? undefined;
    },
  };
}
