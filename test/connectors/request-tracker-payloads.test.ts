import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Connector, HelpdeskEvent } from "deskferry/sdk";
import { hmac } from "deskferry/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import definition from "../../connectors/request-tracker/index.ts";

const folder = fileURLToPath(new URL("../payloads/request-tracker/", import.meta.url));
const secret = "recorded-webhook-secret";

interface Golden {
  headers: Record<string, string>;
  body: string;
  expected: HelpdeskEvent[];
}

function connectorAt(now: number, webhookSecret: string | string[] | null = secret): Connector {
  const settings = definition.config.parse({
    url: "https://rt.example.org/",
    token: "1-23-0123456789abcdef0123456789abcdef",
    username: "deskferry",
    queue: "WhatsApp",
    ...(webhookSecret === null ? {} : { webhookSecret }),
  });
  const never = () => Promise.reject(new Error("parsing and verifying need no server"));
  const quiet = () => undefined;
  return definition.create(settings, {
    http: () => ({ request: never, download: never }),
    log: { debug: quiet, info: quiet, warn: quiet },
    clock: { now: () => now },
  });
}

function goldenOf(name: string): Golden {
  return JSON.parse(readFileSync(`${folder}${name}.json`, "utf8"));
}

const requestOf = ({ headers, body }: Golden) => ({ headers, query: {}, body: Buffer.from(body) });
const secondsOf = ({ headers }: Golden) => Number(headers["x-rt-timestamp"]);

const names = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(/\.json$/, ""));

describe("a webhook of Request Tracker", () => {
  it("was recorded in enough situations", () => expect(names.length).toBeGreaterThanOrEqual(19));

  it.each(names)("%s: is genuine and becomes these events", (name) => {
    const golden = goldenOf(name);
    const connector = connectorAt(secondsOf(golden) * 1000 + 250);
    expect(connector.verifyWebhook?.(requestOf(golden))).toBe(true);
    expect(connector.parseWebhook(requestOf(golden))).toEqual(golden.expected);
  });

  it("counts for five minutes, by either clock", () => {
    const golden = goldenOf("a-reply-of-staff");
    const valid = (offset: number) =>
      connectorAt((secondsOf(golden) + offset) * 1000).verifyWebhook?.(requestOf(golden));
    expect([-301, -300, 0, 300, 301].map(valid)).toEqual([false, true, true, true, false]);
  });

  it("counts with any of several secrets, while one is being changed", () => {
    const golden = goldenOf("a-reply-of-staff");
    const verifyWith = (secrets: string[] | null) =>
      connectorAt(secondsOf(golden) * 1000, secrets).verifyWebhook?.(requestOf(golden));
    expect(verifyWith(["the new one", secret])).toBe(true);
    expect(verifyWith(["the new one"])).toBe(false);
    expect(verifyWith(null)).toBe(false);
  });

  it("P21: cannot take the time of another one", () => {
    const golden = goldenOf("a-reply-of-staff");
    const later = secondsOf(golden) + 200;
    const request = requestOf({ ...golden, headers: { ...golden.headers, "x-rt-timestamp": `${later}` } });
    expect(connectorAt(later * 1000).verifyWebhook?.(request)).toBe(false);
  });

  it.each(["", "1795235975.5", " 1795235975", "1e9", "-1", "9".repeat(400)])(
    "P21: is refused with the time %j, though signed with it",
    (time) => {
      const { body } = goldenOf("a-reply-of-staff");
      const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
      const headers = { "x-rt-timestamp": time, "x-rt-signature": hmac(secret, `${time}.${body}`, format) };
      const connector = connectorAt(Number(time) * 1000);
      expect(connector.verifyWebhook?.({ headers, query: {}, body: Buffer.from(body) })).toBe(false);
    },
  );

  it("P21: whatever is signed with another secret is refused", () => {
    const golden = goldenOf("a-reply-of-staff");
    const connector = connectorAt(secondsOf(golden) * 1000);
    const format = { algorithm: "sha256", encoding: "hex", prefix: "sha256=" } as const;
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (other, body) => {
        fc.pre(other !== secret);
        const time = golden.headers["x-rt-timestamp"];
        const signature = hmac(other, `${time}.${body}`, format);
        const headers = { "x-rt-timestamp": time, "x-rt-signature": signature };
        return connector.verifyWebhook?.({ headers, query: {}, body: Buffer.from(body) }) === false;
      }),
    );
  });

  it("P08: never breaks the parser, whatever stands in it", async () => {
    const connector = connectorAt(0);
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.constantFrom(...names), async (odd, name) => {
        const known = JSON.parse(goldenOf(name).body);
        for (const part of ["transaction", "ticket"]) {
          for (const key of Object.keys(known[part])) {
            const changed = { ...known, [part]: { ...known[part], [key]: odd } };
            const body = Buffer.from(
              JSON.stringify(changed, (_, value) => (typeof value === "bigint" ? 1 : value)),
            );
            for (const event of await connector.parseWebhook({ headers: {}, query: {}, body })) {
              expect(["comment.added", "ticket.changed"]).toContain(event.type);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
