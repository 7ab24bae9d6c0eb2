import { setTimeout as sleep } from "node:timers/promises";
import { connectRedis } from "../../../src/store/connection.ts";
import { startFaultProxy } from "../../faults/proxy.ts";
import { type PrivateRedis, startPrivateRedis } from "../../private-redis.ts";
import type { MeasureRow } from "../row.ts";
import { comesTrue, onStage } from "../stage.ts";
import { takeIn, waitingAt } from "../taken.ts";

/**
 * G3: while webhooks come in, the link to the replica falls silent; half a second later the replica is promoted, and the
 * old master, which nobody told, dies. What was answered 200 has to be at the new one.
 */
export const measureFailover: MeasureRow = async ({ seed, quick }) => {
  const name = `failover-${seed}`;
  const redis = { config: ["--repl-diskless-sync-delay", "0"] };
  return onStage({ name, redis, waitReplicas: 1 }, async ({ stack, redis: master }) => {
    const link = await startFaultProxy({ target: () => master.port, random: () => 0 });
    const replica = await startPrivateRedis({
      say: () => undefined,
      config: ["--replicaof", "127.0.0.1", `${link.port}`],
    });
    try {
      await untilFollowing(replica);
      const app = await stack.start("intake");
      const seconds = quick ? 4 : 30;
      const load = takeIn(app.url, name, seconds);
      await sleep((seconds * 1000) / 2);
      link.set({ silent: true });
      await sleep(500);
      await promote(replica);
      await master.kill();
      const taken = await load;
      const there = await waitingAt(replica.url, name);
      const lost = [...taken.at.keys()].filter((id) => !there.has(id)).length;
      const n = { acknowledged: taken.at.size, refused: taken.refused };
      const figures = { acknowledgedAndLost: lost };
      return [{ id: "G3", n, figures, passed: lost === 0 && taken.at.size > 0 && taken.refused > 0 }];
    } finally {
      await replica.stop();
      await link.stop();
    }
  });
};

async function untilFollowing(replica: PrivateRedis): Promise<void> {
  const client = await connectRedis(replica.url, "worker");
  const follows = await comesTrue(20_000, async () =>
    /master_link_status:up/.test(await client.info("replication")),
  );
  client.disconnect();
  if (!follows) throw new Error("the replica does not follow its master");
}

async function promote(replica: PrivateRedis): Promise<void> {
  const client = await connectRedis(replica.url, "worker");
  await client.replicaof("NO", "ONE");
  client.disconnect();
}
