import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPrivateRedis } from "../../scripts/private-redis.ts";
import { sandbox } from "../../scripts/sandbox-settings.ts";
import { type Stack, startStack } from "../../scripts/stack.ts";
import { messageBody } from "../http/http-setup.ts";

type Stop = () => Promise<unknown>;
const stops: Stop[] = [];
let stack: Stack;
let port: number;
const name = `stalled-${process.pid}`;
const address = `/webhooks/channels/${name}`;

beforeAll(async () => {
  const redis = await startPrivateRedis();
  stops.push(() => redis.stop());
  stack = await startStack({ redisUrl: redis.url, name });
  stops.push(() => stack.stop());
  port = Number(new URL((await stack.start("intake")).url).port);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const whole = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
const slowHead = "POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const body = `POST ${address} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n`;
const chunked = `POST ${address} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** Ways to hold a connection, and the seconds after which the server ends it; `drip` comes twice a second. */
const ways = [
  { way: "says nothing at all", count: 50, begin: "", seconds: 5 },
  { way: "never ends its headers", count: 50, begin: slowHead, drip: "a", seconds: 5 },
  {
    way: "never ends the headers of its second request",
    count: 50,
    begin: whole + slowHead,
    drip: "a",
    seconds: 5,
  },
  { way: "never ends its body", count: 50, begin: body, drip: "a", seconds: 15 },
  { way: "never ends its chunks", count: 50, begin: chunked, drip: "1\r\na\r\n", seconds: 15 },
  { way: "keeps its connection after an answer", count: 25, begin: whole, seconds: 65 },
  { way: "sends empty lines after an answer", count: 25, begin: whole, drip: "\r\n", seconds: 70 },
];
/** S09 of the fault list: two seconds on top of the limit. */
const GRACE_S = 2;

/** Seconds until the server hung up; undefined if it did not within `seconds`. */
function hold(begin: string, drip: string | undefined, seconds: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const socket = net.connect(port, "127.0.0.1", () => begin && socket.write(begin));
    const dripping = setInterval(() => drip && socket.write(drip), 500);
    const end = (closed: boolean) => {
      clearInterval(dripping);
      clearTimeout(patience);
      socket.destroy();
      resolve(closed ? (performance.now() - begun) / 1000 : undefined);
    };
    const patience = setTimeout(() => end(false), seconds * 1000);
    socket.resume();
    // A server that hangs up while we write resets the connection; `close` follows an error.
    socket.on("error", () => undefined);
    socket.on("close", () => end(true));
  });
}

interface Honest {
  status: number;
  ms: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 20 });
stops.push(async () => agent.destroy());

function deliver(n: number): Promise<Honest> {
  const bytes = Buffer.from(messageBody(`Lamp ${n}`).replace("wamid.A1", `wamid.S${n}`));
  const signature = createHmac("sha256", sandbox.appSecret).update(bytes).digest("hex");
  const headers = { "X-Hub-Signature-256": `sha256=${signature}`, "Content-Length": bytes.length };
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path: address, method: "POST", headers, agent }, (answer) => {
      answer.resume().on("end", () => {
        resolve({ status: answer.statusCode ?? 0, ms: performance.now() - begun });
      });
    })
      .on("error", reject)
      .end(bytes);
  });
}

/** Signed webhooks, twenty a second, until told to end. */
async function deliverUntil(isOver: () => boolean): Promise<Honest[]> {
  const sent: Promise<Honest>[] = [];
  while (!isOver()) {
    sent.push(deliver(sent.length));
    await sleep(50);
  }
  return Promise.all(sent);
}

it("S09: 300 stalled connections are closed in their time, and webhooks are answered as ever meanwhile", async () => {
  let isOver = false;
  const honest = deliverUntil(() => isOver);
  const held = await Promise.all(
    ways.map(async ({ way, count, begin, drip, seconds }) => {
      const each = Array.from({ length: count }, () => hold(begin, drip, seconds + 10));
      return { way, seconds, after: await Promise.all(each) };
    }),
  );
  isOver = true;
  const answers = await honest;

  for (const { way, seconds, after } of held) {
    const closed = after.filter((s) => s !== undefined);
    const latest = Math.max(...closed).toFixed(1);
    console.log(
      `stalled: who ${way}: ${closed.length} of ${after.length} closed, the last after ${latest} s`,
    );
    expect({ way, open: after.length - closed.length }).toEqual({ way, open: 0 });
    expect({ way, late: closed.filter((s) => s > seconds + GRACE_S) }).toEqual({ way, late: [] });
    // Not at once either: the limits are for stalled ones.
    expect(Math.min(...closed)).toBeGreaterThan(seconds - 1);
  }
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.ceil(times.length * share) - 1] ?? 0);
  console.log(
    `stalled: ${times.length} webhooks meanwhile, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`,
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(times.length).toBeGreaterThan(600);
  expect(at(0.99)).toBeLessThanOrEqual(250);
}, 110_000);
