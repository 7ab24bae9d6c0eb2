import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { meet, startNode } from "../../scripts/private-cluster.ts";

/** Longer than a node waits for the answer of one that it is introduced to. */
const SILENT_SECONDS = 1.6;

test("a node that does not answer for a while becomes part of the cluster all the same", async () => {
  const config = ["--enable-debug-command", "yes"];
  const nodes = await Promise.all([startNode({ config }), startNode({ config })]);
  const clients = nodes.map(({ url }) => new Redis(url));
  onTestFinished(async () => {
    for (const client of clients) client.disconnect();
    await Promise.all(nodes.map((node) => node.stop()));
  });
  const [first, silent] = clients;
  await silent?.ping();
  const silence = silent?.call("DEBUG", "SLEEP", SILENT_SECONDS);
  await meet(nodes);
  expect(await silence).toBe("OK");
  expect(await first?.cluster("INFO")).toContain("cluster_known_nodes:2");
});
