import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childrenOf, residentBytesOf } from "../cpu-time.ts";
import { writeMappingOf } from "../mapping-folder.ts";
import { openPathStage } from "../path-stage.ts";
import { percentilesOf } from "../statistics.ts";
import { answerLatency, type GrowthOptions, type Latency, SECONDS } from "./latency.ts";

export interface ConnectionsPoint {
  connections: number;
  answer: Latency;
  intakeBytes: number;
}

export interface ConnectionsCurve {
  points: ConnectionsPoint[];
  /** How many of 2,000 connections the intake keeps. */
  keptOf2000: number;
}

export interface MappingPoint {
  rules: number;
  bytes: number;
  evaluation: Latency;
  childBytes: number;
}

/** Connections kept open, each of which sends a webhook now and then: 500 a second by all of them. */
export async function connectionsCurve({ say }: GrowthOptions): Promise<ConnectionsCurve> {
  const stage = await openPathStage();
  const points: ConnectionsPoint[] = [];
  try {
    for (const connections of [10, 100, 300, 600, 990]) {
      await stage.client.flushall();
      const load = { port: stage.port, perSecond: 500, people: 500, connections, seconds: SECONDS };
      const answer = await answerLatency(load);
      points.push({ connections, answer, intakeBytes: residentBytesOf(stage.intake.pid) });
      say(`connections: ${JSON.stringify(points.at(-1))}`);
    }
    return { points, keptOf2000: await keptOf(2000, stage.port) };
  } finally {
    await stage.stop();
  }
}

/** How many of so many connections the intake keeps. */
async function keptOf(count: number, port: number): Promise<number> {
  const sockets = Array.from({ length: count }, () => connect(port, "127.0.0.1"));
  // Those that are not kept are reset.
  for (const socket of sockets) socket.on("error", () => undefined);
  await sleep(1500);
  const kept = sockets.filter((socket) => socket.readyState === "open").length;
  for (const socket of sockets) socket.destroy();
  return kept;
}

/** One evaluation after the other, of mappings with ever more rules, in a child as in production. */
export async function mappingCurve({ say }: GrowthOptions): Promise<MappingPoint[]> {
  const { createMapper } = await builtMapper();
  const points: MappingPoint[] = [];
  for (const rules of [1, 10, 100, 500, 1000, 2000]) {
    const folder = await mkdtemp(path.join(tmpdir(), "deskferry-bench-mapping-"));
    const others = new Set(childrenOf(process.pid));
    const mapper = createMapper({ children: 1 });
    try {
      const bytes = await writeMappingOf(rules, folder);
      await mapper.load(folder);
      const evaluation = percentilesOf(await evaluate(() => mapper.map(folder, "comment", INPUT)));
      const childBytes = Math.max(
        ...childrenOf(process.pid)
          .filter((pid) => !others.has(pid))
          .map(residentBytesOf),
      );
      points.push({ rules, bytes, evaluation, childBytes });
      say(`mapping: ${JSON.stringify(points.at(-1))}`);
    } finally {
      await mapper.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
  return points;
}

/** As it is built: a child of the sources also holds what runs TypeScript. */
async function builtMapper(): Promise<typeof import("../../../src/mapping/mapper.ts")> {
  const file = new URL("../../../dist/src/mapping/mapper.js", import.meta.url);
  return import(file.href);
}

const INPUT = {
  channel: "bench",
  person: { userId: "GB.1", phone: "+447700900123", name: "Person 1" },
  message: {
    ...{ id: "wamid.1", sentAt: "2026-11-02T12:00:00.000Z", type: "text" },
    ...{ text: "about a street light", content: { body: "about a street light" } },
  },
};
const EVALUATIONS = 200;

/** Milliseconds of each. */
async function evaluate(once: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < 2 * EVALUATIONS; index++) {
    const begun = performance.now();
    await once();
    // The first half warms up.
    if (index >= EVALUATIONS) times.push(performance.now() - begun);
  }
  return times;
}
