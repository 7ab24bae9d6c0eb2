import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { delayOf, dripsOf, type Faults } from "./faults.ts";

export interface RelayTools {
  /** As they are at this moment: what is set later holds for connections that are open already. */
  faults(): Faults;
  random(): number;
  /** Resolves when silence has ended, or at once. */
  untilHeard(): Promise<void>;
  onCut(): void;
}

/** Both ways between a client and a server, until one of them ends. */
export function relay(client: Socket, server: Socket, tools: RelayTools): void {
  const cut = () => {
    tools.onCut();
    client.resetAndDestroy();
    server.destroy();
  };
  carry(client, server, tools, async (piece) => void server.write(piece));
  let answered = 0;
  carry(server, client, tools, async (piece) => {
    const faults = tools.faults();
    if (faults.cutAnswers && tools.random() < faults.cutAnswers) return cut();
    for (const drop of dripsOf(piece, faults)) {
      const rest = (faults.cutAfter ?? Number.POSITIVE_INFINITY) - answered;
      client.write(drop.subarray(0, Math.max(0, rest)));
      answered += drop.length;
      if (drop.length > rest) return cutLater(cut);
      if (faults.drip) await sleep(faults.drip.everyMs);
    }
  });
}

/** What was written before shall arrive. */
function cutLater(cut: () => void): Promise<void> {
  return sleep(20).then(cut);
}

/** One way. A piece's delay counts from its arrival, so that latency slows, but does not throttle. */
function carry(from: Socket, to: Socket, tools: RelayTools, write: (piece: Buffer) => Promise<void>): void {
  let line = Promise.resolve();
  const inTurn = (task: () => Promise<void> | void) => {
    line = line.then(async () => {
      await tools.untilHeard();
      if (!to.destroyed) await task();
    });
  };
  from.on("data", (piece: Buffer) => {
    const due = Date.now() + delayOf(tools.faults(), tools.random);
    inTurn(async () => {
      if (due > Date.now()) await sleep(due - Date.now());
      if (!to.destroyed) await write(piece);
    });
  });
  from.on("end", () => inTurn(() => void to.end()));
  from.on("error", () => to.destroy());
  from.on("close", (hadError) => {
    if (hadError) to.destroy();
  });
}
