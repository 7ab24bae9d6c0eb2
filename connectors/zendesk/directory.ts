import { type Clock, type HttpClient, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { id, read } from "./records.ts";

const KEPT_MS = 10 * 60_000;
const MOST_PAGES = 20;

const next = { meta: z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() }).nullish() };
const groupPage = z.object({ groups: z.array(z.object({ id, name: z.string() })), ...next });
const fieldPage = z.object({ ticket_fields: z.array(z.object({ id, title: z.string() })), ...next });

interface Page {
  entries: { id: string; name: string }[];
  after: string | undefined;
}

/** Numbers of groups and ticket fields by the names that staff know. */
export interface Directory {
  /** `config` when there is no such group. */
  groupId(nameOrId: string): Promise<string>;
  /** Undefined when there is no such field. */
  fieldId(titleOrId: string): Promise<string | undefined>;
}

export function createDirectory(http: HttpClient, clock: Clock): Directory {
  const groups = createList("/api/v2/groups.json", "look up group", (json, what) => {
    const page = read(json, groupPage, what);
    return { entries: page.groups, after: afterOf(page.meta) };
  });
  const fields = createList("/api/v2/ticket_fields.json", "look up ticket field", (json, what) => {
    const page = read(json, fieldPage, what);
    const entries = page.ticket_fields.map(({ id: number, title }) => ({ id: number, name: title }));
    return { entries, after: afterOf(page.meta) };
  });

  function createList(
    path: string,
    what: string,
    pageOf: (json: Parameters<typeof read>[0], what: string) => Page,
  ) {
    let kept: { byName: Map<string, string>; at: number } | undefined;
    async function load() {
      const byName = new Map<string, string>();
      let after: string | undefined;
      for (let count = 0; count < MOST_PAGES; count++) {
        const query = { "page[size]": 100, ...(after ? { "page[after]": after } : {}) };
        const page = pageOf(await http.request({ method: "GET", path, query, what }), what);
        for (const { id: number, name } of page.entries) byName.set(name.toLowerCase(), number);
        after = page.after;
        if (after === undefined) break;
      }
      kept = { byName, at: clock.now() };
      return kept;
    }
    return async (name: string): Promise<string | undefined> => {
      if (/^\d+$/.test(name)) return name;
      const list = kept && clock.now() - kept.at < KEPT_MS ? kept : await load();
      return list.byName.get(name.toLowerCase());
    };
  }

  return {
    async groupId(nameOrId) {
      const found = await groups(nameOrId);
      if (found) return found;
      const operatorMessage = `look up group: Zendesk has no group "${nameOrId}", or the account may not see it`;
      throw new PluginError({ kind: "config", operatorMessage });
    },
    fieldId: fields,
  };
}

function afterOf(meta: z.output<typeof next.meta>): string | undefined {
  return meta?.has_more ? (meta.after_cursor ?? undefined) : undefined;
}
