import { type Cipher, noCipher } from "../store/cipher.ts";
import type { IntakeItem } from "../store/intake-item.ts";
import { type Accepted, createBatchStore } from "./store-batch.ts";
import type { WakeQueues } from "./wake-queues.ts";

/** What one webhook, poll or handler hands over. Either all of it is stored, or the promise rejects. */
export interface Intake {
  accept(items: IntakeItem[]): Promise<Accepted[]>;
}

/** A caller, until each of its items is stored. */
interface Call {
  accepted: Accepted[];
  left: number;
  resolve(accepted: Accepted[]): void;
  reject(reason: unknown): void;
}

interface Waiting {
  item: IntakeItem;
  call: Call;
  /** Of the item among those of its call. */
  index: number;
}

export interface IntakeOptions {
  /** Absent: what is stored is plain. */
  cipher?: Cipher;
  /** Resolves once replicas hold what a channel was given. */
  confirm?(channel: string): Promise<void>;
}

/** Items after which a batch ends, so that nobody else at Redis waits for long. */
const MOST_AT_ONCE = 1000;

/**
 * Durable intake. All that arrives within one turn of the event loop, or while a channel's last batch is being stored, is
 * stored together: fewer round trips under load, and no timer to wait for (docs/decisions/0073). The webhook is answered
 * only after that, and after `confirm` where replicas have to hold it too. When it rejects, the events may be stored all
 * the same, and the repeat is recognised.
 */
export function createIntake(queues: WakeQueues, options: IntakeOptions = {}): Intake {
  const { cipher = noCipher, confirm } = options;
  const storeBatch = createBatchStore(queues, cipher);
  /** What waits, by channel. A channel is in it for as long as something of its is being stored. */
  const lines = new Map<string, Waiting[]>();

  function join(one: Waiting): void {
    const channel = channelOf(one.item);
    const line = lines.get(channel);
    if (line) line.push(one);
    else {
      lines.set(channel, [one]);
      setImmediate(() => void empty(channel));
    }
  }

  async function empty(channel: string): Promise<void> {
    const line = lines.get(channel) ?? [];
    while (line.length > 0) await store(channel, line.splice(0, batchLength(line)));
    lines.delete(channel);
  }

  async function store(channel: string, batch: Waiting[]): Promise<void> {
    const items = batch.map(({ item }) => item);
    try {
      void settle(channel, batch, await storeBatch(channel, items));
    } catch (reason) {
      reject(batch, reason);
    }
  }

  /** The next batch is stored meanwhile. */
  async function settle(channel: string, batch: Waiting[], stored: Accepted[]): Promise<void> {
    try {
      await confirm?.(channel);
      for (const [index, one] of batch.entries()) settleOne(one, stored[index] ?? { fresh: false });
    } catch (reason) {
      reject(batch, reason);
    }
  }

  return {
    accept: (items) =>
      new Promise((resolve, reject) => {
        if (items.length === 0) return resolve([]);
        const call: Call = { accepted: [], left: items.length, resolve, reject };
        for (const [index, item] of items.entries()) join({ item, call, index });
      }),
  };
}

/** What one call hands over is not parted: its repeat would come behind what was sent later. */
function batchLength(line: Waiting[]): number {
  let length = Math.min(line.length, MOST_AT_ONCE);
  while (length < line.length && line[length]?.call === line[length - 1]?.call) length += 1;
  return length;
}

function channelOf(item: IntakeItem): string {
  return "deliver" in item ? item.deliver.channel : item.keep.channel;
}

function reject(batch: Waiting[], reason: unknown): void {
  for (const { call } of batch) call.reject(reason);
}

function settleOne({ call, index }: Waiting, accepted: Accepted): void {
  call.accepted[index] = accepted;
  call.left -= 1;
  if (call.left === 0) call.resolve(call.accepted);
}
