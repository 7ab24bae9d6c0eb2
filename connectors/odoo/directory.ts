import type { Clock } from "deskferry/sdk";
import { configProblem } from "./faults.ts";
import {
  type Field,
  findOrMakeTag,
  type LookupTools,
  loadAccount,
  loadFields,
  loadInternalSubtypes,
  loadLanguages,
  loadQueue,
  loadStaff,
  loadStaffAmong,
  loadStages,
  type Stage,
} from "./look-ups.ts";

/** Odoo's numbers for the names in settings and mappings, and what is asked for again and again; kept for a while. */
export interface Directory {
  /** Fields of a model by their technical names. */
  fields(model: string): Promise<ReadonlyMap<string, Field>>;
  /** Throws `config` when the model lacks the field. */
  needField(model: string, name: string): Promise<string>;
  /** A team or project by name or number; throws `config` when there is none. */
  queueId(nameOrId: string): Promise<number>;
  /** Stages of a team or project, first one first. */
  stages(queueId: number | undefined): Promise<Stage[]>;
  /** A member of staff by login or number. */
  staffId(loginOrId: string): Promise<number | undefined>;
  tagId(name: string): Promise<number>;
  /** Those of the contacts who are members of staff. */
  staffAmong(partnerIds: number[]): Promise<ReadonlySet<number>>;
  /** Codes of the languages that are installed. */
  languages(): Promise<string[]>;
  /** Kinds of messages that persons outside never see. */
  internalSubtypes(): Promise<ReadonlySet<number>>;
  /** Our account's number and what its messages show as their sender. */
  account(): Promise<{ id: number; sender: string | undefined }>;
  forget(): void;
}

const KEEP_MS = 600_000;
const MOST_KEPT = 2_000;
export function createDirectory(tools: LookupTools & { clock: Clock }): Directory {
  const { rpc, application, clock } = tools;
  const known = new Map<string, { value: unknown; at: number }>();
  const isKept = (key: string) => clock.now() - (known.get(key)?.at ?? -Infinity) < KEEP_MS;
  async function keep<T>(key: string, load: () => Promise<T>): Promise<T> {
    if (isKept(key)) return known.get(key)?.value as T;
    const value = await load();
    if (known.size > MOST_KEPT) known.clear();
    known.set(key, { value, at: clock.now() });
    return value;
  }
  async function learnStaff(ids: number[]): Promise<void> {
    const unknown = ids.filter((id) => !isKept(`partner ${id}`));
    if (unknown.length === 0) return;
    const staff = await loadStaffAmong(unknown, tools);
    for (const id of unknown) known.set(`partner ${id}`, { value: staff.has(id), at: clock.now() });
  }
  const directory: Directory = {
    fields: (model) => keep(`fields ${model}`, () => loadFields(model, tools)),
    async needField(model, name) {
      if ((await directory.fields(model)).has(name)) return name;
      known.delete(`fields ${model}`);
      throw configProblem(
        `Odoo's model ${model} has no field ${name} that the account may see (see setup.md)`,
      );
    },
    queueId: (nameOrId) => keep(`queue ${nameOrId}`, () => loadQueue(nameOrId, tools)),
    stages: (queueId) =>
      keep(`stages ${queueId ?? ""}`, async () => {
        const { model, queues } = application.stage;
        return loadStages(queueId, (await directory.fields(model)).has(queues), tools);
      }),
    staffId: (loginOrId) => keep(`staff ${loginOrId}`, () => loadStaff(loginOrId, tools)),
    tagId: (name) => keep(`tag ${name}`, () => findOrMakeTag(name, tools)),
    async staffAmong(partnerIds) {
      await learnStaff(partnerIds);
      return new Set(partnerIds.filter((id) => known.get(`partner ${id}`)?.value === true));
    },
    languages: () => keep("languages", () => loadLanguages(tools)),
    internalSubtypes: () => keep("subtypes", () => loadInternalSubtypes(tools)),
    account: () => keep("account", () => loadAccount(tools)),
    forget() {
      known.clear();
      rpc.forget();
    },
  };
  return directory;
}
