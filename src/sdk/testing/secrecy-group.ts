import assert from "node:assert/strict";
import { inspect } from "node:util";
import { errorOf } from "./error-kinds.ts";
import type { FaultPlan } from "./fault-proxy.ts";
import type { Group } from "./group.ts";
import { canaries, operationsOf } from "./operations.ts";
import { jsonSchemaOf, secretsIn } from "./settings-walk.ts";
import { watchSockets } from "./socket-watch.ts";

const STATUSES = [200, 400, 401, 403, 404, 409, 422, 429, 500, 503];

export const secrecyGroup: Group = {
  define({ definition, test }) {
    test("P31: neither secrets nor personal data stand in errors and log lines", async (bench) => {
      const schema = jsonSchemaOf(definition.config);
      const secrets = secretsIn(schema, bench.settings);
      assert.ok(secrets.length > 0, "no setting is marked as secret");
      const said: string[] = [];
      const operations = await operationsOf(bench);
      for (const plan of STATUSES.map((status) => echo(status, secrets))) {
        for (const operation of operations) {
          bench.proxy.set(plan);
          const error = await errorOf(() => operation.call(bench.connector));
          said.push(
            `${operation.name}: ${inspect(error, { depth: 12, showHidden: true, maxStringLength: null })}`,
          );
        }
      }
      bench.proxy.clear();
      const forbidden = [...secrets, ...Object.values(canaries), canaries.phone.slice(1)];
      for (const line of [...said, ...bench.logged]) {
        const found = forbidden.findIndex((text) => line.includes(text));
        const what = found < secrets.length ? "a secret setting" : "personal data";
        assert.equal(found, -1, `${what} stands in: ${line.slice(0, 60)}…`);
      }
    });
    test("requests go to the configured host and nowhere else", async (bench) => {
      const { host } = new URL(bench.proxy.url);
      for (const operation of await operationsOf(bench)) {
        const { targets } = await watchSockets(() => operation.call(bench.make()));
        for (const target of targets) assert.equal(target, host, `${operation.name} called another host`);
      }
    });
  },
};

/** A server that repeats in its answer what it was sent, as proxies and debug pages do. */
function echo(status: number, secrets: string[]): FaultPlan {
  const message = [...secrets, ...Object.values(canaries)].join(" ");
  const body = JSON.stringify({ message, error: message, errors: [message], id: message });
  return () => ({ kind: "answer", status, headers: { "Content-Type": "application/json" }, body });
}
