import { type Clock, type HttpClient, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { id, read } from "./records.ts";

const KEPT_MS = 10 * 60_000;
const PAGE = 100;
const MOST_PAGES = 10;

const groups = z.array(z.object({ id, name: z.string() }));
const agents = z.array(z.object({ id, contact: z.object({ email: z.string().nullish() }).nullish() }));
const me = z.object({ id, contact: z.object({ name: z.string().nullish() }).nullish() });

/** Numbers of what staff know by name; kept for ten minutes, so that a ticket costs no look-ups. */
export interface Directory {
  /** The agent whose key we use: what it does is our own doing. */
  ownId(): Promise<string>;
  /** `config` when there is no such group. */
  groupId(nameOrId: string): Promise<string>;
  /** By number or e-mail address; undefined when there is no such agent. */
  agentId(emailOrId: string): Promise<string | undefined>;
}

export function createDirectory(http: HttpClient, clock: Clock): Directory {
  const kept = new Map<string, { value: Promise<string | undefined>; at: number }>();
  async function remembered(key: string, load: () => Promise<string | undefined>) {
    const known = kept.get(key);
    const fresh = known && clock.now() - known.at < KEPT_MS;
    const value = fresh ? known.value : load();
    if (!fresh) kept.set(key, { value, at: clock.now() });
    try {
      const found = await value;
      if (found === undefined) kept.delete(key);
      return found;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  }
  return {
    async ownId() {
      const own = await remembered("me", () => loadOwnId(http));
      return own ?? "";
    },
    async groupId(wanted) {
      if (/^\d+$/.test(wanted)) return wanted;
      const found = await remembered(`group ${wanted}`, () => loadGroup(wanted, http));
      if (found !== undefined) return found;
      const operatorMessage = `look up group: Freshdesk shows the agent no group "${wanted}"`;
      throw new PluginError({ kind: "config", operatorMessage });
    },
    async agentId(wanted) {
      if (/^\d+$/.test(wanted)) return wanted;
      return wanted.includes("@") ? remembered(`agent ${wanted}`, () => loadAgent(wanted, http)) : undefined;
    },
  };
}

async function loadOwnId(http: HttpClient): Promise<string> {
  const what = "read own agent";
  return read(await http.request({ method: "GET", path: "/agents/me", what }), me, what).id;
}

async function loadGroup(name: string, http: HttpClient): Promise<string | undefined> {
  const what = "look up group";
  for (let page = 1; page <= MOST_PAGES; page++) {
    const query = { per_page: PAGE, page };
    const listed = read(await http.request({ method: "GET", path: "/groups", query, what }), groups, what);
    const found = listed.find((group) => group.name === name);
    if (found || listed.length < PAGE) return found?.id;
  }
  return undefined;
}

async function loadAgent(email: string, http: HttpClient): Promise<string | undefined> {
  const what = "look up agent";
  const answer = await http.request({ method: "GET", path: "/agents", query: { email }, what });
  const wanted = email.toLowerCase();
  return read(answer, agents, what).find(({ contact }) => contact?.email?.toLowerCase() === wanted)?.id;
}
