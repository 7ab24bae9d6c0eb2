import { Agent } from "node:http";
import axios from "axios";
import { createHttpClient } from "../../src/sdk/http-client.ts";
import { type BenchOptions, inTurn } from "./options.ts";
import { startProcess } from "./process.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export interface CallsResult {
  /** Microseconds of our CPU for a call to a helpdesk. */
  ours: Spread;
  /** axios as it comes, with a keep-alive agent. */
  stockAxios: Spread;
}

const AT_ONCE = 50;
const CALLS = 6000;
/** About 700 bytes, as a ticket is. */
const TICKET = { subject: "A street light is broken", description: "about a street light ".repeat(30) };

type Call = () => Promise<unknown>;

/** What a call costs us with our HTTP client and with stock axios, in turns, against one server. */
export async function benchCalls({ rounds, say }: BenchOptions): Promise<CallsResult> {
  const server = await startProcess("scripts/bench/answering-server.ts");
  const url = `http://127.0.0.1:${server.port}`;
  const stock = axios.create({ baseURL: url, httpAgent: new Agent({ keepAlive: true }) });
  const ways: Record<keyof CallsResult, Call> = {
    ours: callBy(createHttpClient, url),
    stockAxios: () => stock.post("/tickets", TICKET),
  };
  const measured: Record<keyof CallsResult, number[]> = { ours: [], stockAxios: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const way of inTurn(["ours", "stockAxios"] as const, round)) {
        const cost = await costOf(ways[way]);
        if (round > 0) measured[way].push(cost);
        say(`round ${round} of ${rounds}, ${way}: ${cost.toFixed(1)} µs a call`);
      }
    }
    return { ours: spreadOf(measured.ours), stockAxios: spreadOf(measured.stockAxios) };
  } finally {
    server.stop();
  }
}

/** Makes our HTTP client, in this version or another. */
export type MakeClient = typeof createHttpClient;

function callBy(makeClient: MakeClient, baseUrl: string): Call {
  const client = makeClient({ baseUrl }, { now: Date.now });
  return () => client.request({ method: "POST", path: "/tickets", json: TICKET, what: "create ticket" });
}

/** Microseconds of our CPU for a call, by a server that answers at once. */
export async function costOfCall(makeClient: MakeClient): Promise<number> {
  const server = await startProcess("scripts/bench/answering-server.ts");
  try {
    return await costOf(callBy(makeClient, `http://127.0.0.1:${server.port}`));
  } finally {
    server.stop();
  }
}

async function costOf(call: Call): Promise<number> {
  let left = CALLS;
  const before = process.cpuUsage();
  const work = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}
