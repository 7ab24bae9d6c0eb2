import { type Clock, type HttpAnswer, PluginError } from "deskferry/sdk";
import { z } from "zod";
import { below, type ChatwootTools, id, read } from "./records.ts";

const KEPT_MS = 10 * 60_000;

const teams = z.array(z.object({ id, name: z.string() }));
const agents = z.array(z.object({ id, name: z.string().nullish(), email: z.string().nullish() }));

/** Numbers of teams and agents by what staff call them. */
export interface Directory {
  /** `config` when there is no such team. */
  teamId(nameOrId: string): Promise<number>;
  /** By number or e-mail address; undefined when there is none. */
  agentId(emailOrId: string): Promise<number | undefined>;
}

export function createDirectory({ http, settings }: ChatwootTools, clock: Clock): Directory {
  function createList(
    name: "teams" | "agents",
    entriesOf: (answer: HttpAnswer, what: string) => [string, string][],
  ) {
    let kept: { ids: Map<string, number>; at: number } | undefined;
    return async (wanted: string): Promise<number | undefined> => {
      if (/^\d+$/.test(wanted)) return Number(wanted);
      if (!kept || clock.now() - kept.at > KEPT_MS) {
        const what = `look up ${name}`;
        const answer = await http.request({ method: "GET", path: below(settings, name), what });
        const entries = entriesOf(answer, what).map(
          ([key, value]) => [key.toLowerCase(), Number(value)] as const,
        );
        kept = { ids: new Map(entries), at: clock.now() };
      }
      return kept.ids.get(wanted.toLowerCase());
    };
  }
  const teamOf = createList("teams", (answer, what) =>
    read(answer, teams, what).map(({ id: number, name }) => [name, number]),
  );
  const agentOf = createList("agents", (answer, what) =>
    read(answer, agents, what).map(({ id: number, email }) => [email ?? "", number]),
  );
  return {
    async teamId(nameOrId) {
      const found = await teamOf(nameOrId);
      if (found !== undefined) return found;
      throw new PluginError({
        kind: "config",
        operatorMessage: `look up team: Chatwoot has no team "${nameOrId}"`,
      });
    },
    agentId: agentOf,
  };
}
