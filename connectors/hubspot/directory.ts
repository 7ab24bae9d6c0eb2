import { type Clock, PluginError, type TicketStatus } from "deskferry/sdk";
import type { Api } from "./api.ts";
import { ownerList, type Pipeline, pipelineList, read, type Stage } from "./records.ts";
import type { Settings } from "./settings.ts";

const KEPT_MS = 10 * 60_000;

/** What stands behind names and ids; kept for ten minutes, so that a ticket costs no look-ups. */
export interface Directory {
  /** By name or id; without either the first one. `config` when there is none. */
  pipeline(nameOrId: string | undefined): Promise<Pipeline>;
  /** The status in a pipeline that has our word. `config` when there is none. */
  stageFor(pipelineId: string, status: TicketStatus): Promise<string>;
  /** A status of HubSpot in our words; undefined when there is no such status. */
  statusOf(stageId: string): Promise<TicketStatus | undefined>;
  /** By id or e-mail address; undefined when there is no such member of staff. */
  ownerId(emailOrId: string): Promise<string | undefined>;
}

export function createDirectory(api: Api, settings: Settings, clock: Clock): Directory {
  const owners = new Map<string, { id: string; at: number }>();
  let known: { pipelines: Pipeline[]; at: number } | undefined;

  async function pipelines(): Promise<Pipeline[]> {
    if (known && clock.now() - known.at < KEPT_MS) return known.pipelines;
    const what = "look up pipelines";
    const answer = await api.call({ method: "GET", path: api.crm("pipelines", "/tickets"), what });
    const listed = read(answer, pipelineList, what)
      .results.filter(isThere)
      .sort(inOrder)
      .map((pipeline) => ({ ...pipeline, stages: pipeline.stages.filter(isThere).sort(inOrder) }));
    known = { pipelines: listed, at: clock.now() };
    return listed;
  }

  function wordOf({ id, metadata }: Stage): TicketStatus {
    return settings.statuses[id] ?? (metadata?.ticketState === "CLOSED" ? "solved" : "open");
  }

  return {
    async pipeline(wanted) {
      const listed = await pipelines();
      const found = wanted === undefined ? listed[0] : listed.find((each) => isCalled(each, wanted));
      if (found) return found;
      throw missing(wanted === undefined ? "no pipeline for tickets" : `no ticket pipeline "${wanted}"`);
    },
    async stageFor(pipelineId, status) {
      const pipeline = (await pipelines()).find(({ id }) => id === pipelineId);
      const stage = pipeline?.stages.find((each) => wordOf(each) === status);
      if (stage) return stage.id;
      throw missing(
        `no status for "${status}" in pipeline ${pipeline?.label ?? pipelineId}: see the setting statuses`,
      );
    },
    async statusOf(stageId) {
      const stages = (await pipelines()).flatMap((pipeline) => pipeline.stages);
      const stage = stages.find(({ id }) => id === stageId);
      return stage ? wordOf(stage) : settings.statuses[stageId];
    },
    async ownerId(wanted) {
      if (/^\d+$/.test(wanted)) return wanted;
      const email = wanted.toLowerCase();
      const kept = owners.get(email);
      if (kept && clock.now() - kept.at < KEPT_MS) return kept.id;
      const what = "look up owner";
      const query = { email: wanted };
      const answer = await api.call({ method: "GET", path: api.crm("owners"), query, what });
      const found = read(answer, ownerList, what).results.find((each) => each.email?.toLowerCase() === email);
      if (found) owners.set(email, { id: found.id, at: clock.now() });
      return found?.id;
    },
  };
}

const isThere = ({ archived }: { archived?: boolean | null | undefined }) => archived !== true;
const inOrder = (left: { displayOrder: number }, right: { displayOrder: number }) =>
  left.displayOrder - right.displayOrder;

function isCalled({ id, label }: Pipeline, wanted: string): boolean {
  return id === wanted || label.toLowerCase() === wanted.toLowerCase();
}

function missing(reason: string): PluginError {
  return new PluginError({ kind: "config", operatorMessage: `look up pipelines: HubSpot has ${reason}` });
}
