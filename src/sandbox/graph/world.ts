import { randomBytes } from "node:crypto";
import { createShiftableClock, type ShiftableClock, systemClock } from "../clock.ts";
import { createFaults, type Faults } from "../faults.ts";
import { createJournal, type Journal } from "../journal.ts";
import { createWebhookSender, type WebhookSender } from "../webhook-sender.ts";
import type { GraphEntry } from "./entries.ts";
import type { GraphError } from "./graph-error.ts";
import { createIds, type Ids } from "./ids.ts";
import { createMediaStore, type MediaStore } from "./media.ts";
import { createPeople, type People } from "./people.ts";
import {
  defaultRetryDelaysMs,
  defaultStatuses,
  type GraphNumber,
  type GraphOptions,
  type StatusBehaviour,
} from "./settings.ts";
import { createTemplates, type Templates } from "./templates.ts";

/** Everything that one emulator remembers. In memory only: a restart forgets. */
export interface GraphWorld {
  clock: ShiftableClock;
  ids: Ids;
  numbers: GraphNumber[];
  people: People;
  templates: Templates;
  media: MediaStore;
  /** Ids of the messages that people sent. */
  wrote: Set<string>;
  journal: Journal<GraphEntry>;
  sender: WebhookSender;
  faults: Faults;
  statuses: StatusBehaviour;
  /** Errors that the next accepted sends are to fail with, by status webhook. */
  failures: GraphError[];
  /** Our own address, known once we listen. */
  baseUrl: string;
  timers: Set<NodeJS.Timeout>;
}

export function createWorld(options: GraphOptions): GraphWorld {
  const clock = createShiftableClock(options.clock ?? systemClock);
  const ids = createIds(options.random ?? randomBytes);
  return {
    clock,
    ids,
    numbers: options.numbers.map((number) => ({ ...number })),
    people: createPeople(),
    templates: createTemplates(options.templates),
    media: createMediaStore({ clock, ids }),
    wrote: new Set(),
    journal: createJournal({ clock, ...(options.ledgerFile ? { file: options.ledgerFile } : {}) }),
    sender: createWebhookSender({
      retryDelaysMs: options.retryDelaysMs ?? defaultRetryDelaysMs,
      timeoutMs: options.webhookTimeoutMs ?? 10_000,
      connections: options.connections ?? 64,
    }),
    faults: createFaults(),
    statuses: { ...defaultStatuses, ...options.statuses },
    failures: [],
    baseUrl: "",
    timers: new Set(),
  };
}

/** Runs `task` after `ms` unless the emulator is stopped first. */
export function later(world: GraphWorld, ms: number, task: () => void): void {
  const timer = setTimeout(() => {
    world.timers.delete(timer);
    task();
  }, ms);
  world.timers.add(timer);
}

export async function closeWorld(world: GraphWorld): Promise<void> {
  for (const timer of world.timers) clearTimeout(timer);
  world.sender.stop();
  await world.journal.close();
}
