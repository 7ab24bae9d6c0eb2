import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { sendLoad } from "../load.ts";
import { PATH } from "../path-stage.ts";
import { percentilesOf, spreadOf } from "../statistics.ts";
import { createWebhooks } from "../webhooks.ts";

export interface GrowthOptions {
  /** The most conversations; waiting events go up to three tenths of that. */
  most: number;
  say(line: string): void;
}

/** Of each measurement. */
export const SECONDS = 2;

/** Milliseconds. */
export interface Latency {
  p50: number;
  p99: number;
}

/** A helpdesk in this process, which answers at once and knows when each message of the bench came as a comment. */
export interface TimingDesk {
  url: string;
  /** By number of the message, by performance.now. */
  arrivals: Map<number, number>;
  stop(): void;
}

/** Each point is measured so often, after once to warm up; the middle counts. */
const REPEATS = 3;
const LONGEST_MS = 60_000;
/** A share; more, and what is left says nothing. */
const MOST_REFUSED = 0.1;

export async function startTimingDesk(): Promise<TimingDesk> {
  const arrivals = new Map<number, number>();
  let made = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      made += 1;
      const [, number] = /"body":"message (\d+) /.exec(Buffer.concat(chunks).toString()) ?? [];
      if (number && request.url?.endsWith("/comments")) arrivals.set(Number(number), performance.now());
      const body = JSON.stringify({ id: String(made) });
      response
        .writeHead(201, { "Content-Type": "application/json", "Content-Length": body.length })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, arrivals, stop };
}

export interface SteadyLoad {
  port: number;
  perSecond: number;
  /** Who write. */
  people: number;
  connections: number;
  seconds: number;
}

/** How many webhooks a measurement sends. */
export function sentBy({ perSecond, seconds }: Pick<SteadyLoad, "perSecond" | "seconds">): number {
  return perSecond * seconds * (REPEATS + 1);
}

/** Until a webhook is answered, at a steady rate; the middle of several measurements. */
export async function answerLatency(load: SteadyLoad): Promise<Latency> {
  const all = await repeated(() => send(load));
  return middleOf(all.map(({ answers }) => answers));
}

/** Until the helpdesk has the comment, and until the webhook is answered. */
export async function pathLatency(
  load: SteadyLoad,
  desk: TimingDesk,
): Promise<{ answer: Latency; path: Latency }> {
  const all = await repeated(async () => {
    desk.arrivals.clear();
    const { answers, due } = await send(load);
    await untilArrived(desk, due);
    return { answers, path: [...due].map(([index, at]) => (desk.arrivals.get(index) ?? Number.NaN) - at) };
  });
  return { answer: middleOf(all.map(({ answers }) => answers)), path: middleOf(all.map(({ path }) => path)) };
}

/** Milliseconds until each answer, and when each message that was accepted was due. What was refused counts nowhere. */
async function send({ port, perSecond, people, connections, seconds }: SteadyLoad) {
  const requests = createWebhooks(PATH, people)(perSecond * seconds);
  const due = new Map<number, number>();
  const answers: number[] = [];
  const { refused } = await sendLoad({
    ...{ port, requests, connections, perSecond, seconds: LONGEST_MS / 1000 },
    told(index, status, at) {
      if (status !== 200) return;
      due.set(index, at);
      answers.push(performance.now() - at);
    },
  });
  if (refused > requests.length * MOST_REFUSED)
    throw new Error(`${refused} of ${requests.length} webhooks were refused: this machine is too busy`);
  return { answers, due };
}

async function untilArrived({ arrivals }: TimingDesk, due: ReadonlyMap<number, number>): Promise<void> {
  const ends = performance.now() + LONGEST_MS;
  const isThere = () => [...due.keys()].every((index) => arrivals.has(index));
  while (!isThere()) {
    if (performance.now() > ends)
      throw new Error(`${arrivals.size} of ${due.size} messages reached the helpdesk`);
    await sleep(20);
  }
}

/** Without the first time, which warms up. */
async function repeated<T>(measure: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let turn = 0; turn <= REPEATS; turn++) all.push(await measure());
  return all.slice(1);
}

function middleOf(measured: readonly number[][]): Latency {
  const all = measured.map(percentilesOf);
  return {
    p50: spreadOf(all.map(({ p50 }) => p50)).median,
    p99: spreadOf(all.map(({ p99 }) => p99)).median,
  };
}
