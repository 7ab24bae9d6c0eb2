import assert from "node:assert/strict";
import { type ErrorKind, PluginError } from "../errors.ts";
import type { Bench } from "./bench.ts";
import { startElsewhere } from "./elsewhere.ts";
import { assertKind, errorOf } from "./error-kinds.ts";
import type { Fault } from "./fault-proxy.ts";
import type { Group } from "./group.ts";
import { type Operation, operationsOf } from "./operations.ts";

interface Case {
  name: string;
  fault: Fault;
  kinds: ErrorKind[];
  /** A look-up may take it for "nothing there". */
  nothingForLookUps?: boolean;
  /** Bytes of a file may be any, so that it may be taken for one. */
  mayBeFile?: boolean;
  timeoutMs?: number;
}

const HTML = "<!doctype html><html><body>Please log in</body></html>";
const json = { "Content-Type": "application/json" };

const cases: Case[] = [
  { name: "400", fault: answer(400), kinds: ["rejected"] },
  { name: "401", fault: answer(401), kinds: ["auth"] },
  { name: "403", fault: answer(403), kinds: ["auth", "config"] },
  { name: "404", fault: answer(404), kinds: ["not_found", "config", "rejected"], nothingForLookUps: true },
  { name: "409", fault: answer(409), kinds: ["conflict"] },
  { name: "422", fault: answer(422), kinds: ["rejected"] },
  { name: "429 without a time", fault: answer(429), kinds: ["throttled"] },
  { name: "500", fault: answer(500), kinds: ["ambiguous"] },
  { name: "502", fault: answer(502), kinds: ["ambiguous"] },
  { name: "503", fault: answer(503), kinds: ["unavailable", "ambiguous"] },
  { name: "504", fault: answer(504), kinds: ["ambiguous"] },
  {
    name: "200 with a page of HTML",
    fault: answer(200, HTML, { "Content-Type": "text/html" }),
    kinds: ["ambiguous"],
    mayBeFile: true,
  },
  {
    name: "200 with half an answer",
    fault: answer(200, '{"id": 1, "na', json),
    kinds: ["ambiguous"],
    mayBeFile: true,
  },
  {
    name: "200 with another shape",
    fault: answer(200, '[["surprise"]]', json),
    kinds: ["ambiguous"],
    mayBeFile: true,
  },
  { name: "a broken connection", fault: { kind: "reset" }, kinds: ["ambiguous"] },
  { name: "no answer in time", fault: { kind: "silence" }, kinds: ["ambiguous"], timeoutMs: 300 },
  { name: "a body that breaks off", fault: { kind: "half", ends: "reset" }, kinds: ["ambiguous"] },
  {
    name: "a body that never ends",
    fault: { kind: "half", ends: "silence" },
    kinds: ["ambiguous"],
    timeoutMs: 300,
  },
];

const HOUR_MS = 3_600_000;

/** `Retry-After` as servers write it, and the milliseconds that it means; undefined where it says nothing. */
const retryTimes: [name: string, header: () => string, least: number | undefined, most?: number][] = [
  ["seconds", () => "7", 7_000],
  ["none", () => "0", 0],
  ["an HTTP date", () => new Date(Date.now() + 90_000).toUTCString(), 80_000, 91_000],
  ["more than an hour", () => "86400", HOUR_MS],
  ["a date that is past", () => "Wed, 21 Oct 2015 07:28:00 GMT", undefined],
  ["a negative number", () => "-5", undefined],
  ["nonsense", () => "soon", undefined],
];

function answer(status: number, body = "{}", headers: Record<string, string> = json): Fault {
  return { kind: "answer", status, body, headers };
}

export const errorsGroup: Group = {
  define({ test }) {
    for (const entry of cases) {
      test(`every operation reports the right kind of error: ${entry.name}`, (bench) =>
        runCase(bench, entry));
    }
    for (const [name, header, least, most = least] of retryTimes) {
      const title =
        least === undefined
          ? "429 whose time says nothing brings none"
          : "429 passes on after how long to try again";
      test(`${title}: ${name}`, (bench) =>
        everyOperation(bench, answer(429, "{}", { "Retry-After": header() }), async (operation) => {
          const { retryAfterMs } = await assertKind(() => operation.call(bench.connector), ["throttled"]);
          const isRight =
            least === undefined || most === undefined || retryAfterMs === undefined
              ? retryAfterMs === least
              : retryAfterMs >= least && retryAfterMs <= most;
          assert.ok(isRight, `${operation.name}: waits ${retryAfterMs} ms`);
        }));
    }
    for (const status of [301, 302, 307, 308]) {
      test(`a redirection is an error of the settings, and nobody follows it: ${status}`, async (bench) => {
        const elsewhere = await startElsewhere();
        const fault = answer(status, "", { Location: `${elsewhere.url}/login` });
        try {
          await everyOperation(bench, fault, (operation) =>
            assertKind(() => operation.call(bench.connector), ["config"]),
          );
          assert.equal(elsewhere.requests(), 0, "the other server was called");
        } finally {
          await elsewhere.stop();
        }
      });
    }
    test("a server that is not there was never reached: unavailable", async (bench) => {
      const operations = await operationsOf(bench);
      const settings = bench.harness.settings("http://127.0.0.1:9");
      const connector = bench.make({ settings });
      for (const operation of operations) {
        await assertKind(() => operation.call(connector), ["unavailable"]);
      }
    });
    test("a plugin does not try again by itself", async (bench) => {
      await everyOperation(bench, answer(503), async (operation) => {
        bench.proxy.set(() => answer(503));
        await errorOf(() => operation.call(bench.connector));
        const seen = bench.proxy.passed.map(
          ({ method, path, body }) => `${method} ${path} ${body.toString("base64")}`,
        );
        assert.equal(new Set(seen).size, seen.length, `${operation.name} sent the same request twice`);
      });
    });
  },
};

async function runCase(bench: Bench, entry: Case): Promise<void> {
  const { fault, kinds, timeoutMs } = entry;
  const connector = bench.make(timeoutMs === undefined ? {} : { timeoutMs });
  await everyOperation(bench, fault, async (operation) => {
    const error = await errorOf(() => operation.call(connector));
    if (error === undefined && mayPass(entry, operation)) return;
    assert.ok(
      error instanceof PluginError,
      `${operation.name}: ${error === undefined ? "no error" : String(error)}`,
    );
    assert.ok(
      kinds.includes(error.kind),
      `${operation.name}: kind is ${error.kind}, expected ${kinds.join(" or ")}`,
    );
  });
}

function mayPass({ nothingForLookUps, mayBeFile }: Case, { looksUp, name }: Operation): boolean {
  return (nothingForLookUps === true && looksUp) || (mayBeFile === true && name === "fetchAttachment");
}

/** Runs the check for every operation while the server answers all requests alike. */
async function everyOperation(
  bench: Bench,
  fault: Fault,
  check: (operation: Operation) => Promise<unknown>,
): Promise<void> {
  const operations = await operationsOf(bench);
  try {
    for (const operation of operations) {
      bench.proxy.set(() => fault);
      await check(operation);
    }
  } finally {
    bench.proxy.clear();
  }
}
