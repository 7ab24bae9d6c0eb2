import net from "node:net";
import { expect, it } from "vitest";
import { addressOf, useLoneIntake } from "./lone-intake.ts";
import { type Answered, latencyOf } from "./signed-webhooks.ts";

const name = `stalled-${process.pid}`;
const address = addressOf(name);
const intake = useLoneIntake(name);

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

/** Connections are stalled in each of them alike; a disk that others keep busy stands still in one or two. */
const STRETCHES = 7;

/** Of each stretch of time the p99 in milliseconds, the best first. */
function p99sOf(answers: readonly Answered[]): number[] {
  const length = Math.ceil(answers.length / STRETCHES);
  const stretches = Array.from({ length: STRETCHES }, (_, n) => answers.slice(n * length, (n + 1) * length));
  return stretches.map((stretch) => latencyOf(stretch).p99).sort((one, other) => one - other);
}

/** Seconds until the server hung up; undefined if it did not within `seconds`. */
function hold(begin: string, drip: string | undefined, seconds: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const socket = net.connect(intake().port, "127.0.0.1", () => begin && socket.write(begin));
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

it("S09: 300 stalled connections are closed in their time, and webhooks are answered as ever meanwhile", async () => {
  let isOver = false;
  const honest = intake().sender.deliverUntil(() => isOver, 50);
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
  const { p50, p99, most } = latencyOf(answers);
  console.log(`stalled: ${answers.length} webhooks meanwhile, p50 ${p50} ms, p99 ${p99} ms, most ${most} ms`);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.length).toBeGreaterThan(600);
  const p99s = p99sOf(answers);
  console.log(`stalled: p99 of each ${STRETCHES}th of the time: ${p99s.join(", ")} ms`);
  expect(p99s[Math.floor(STRETCHES / 2)]).toBeLessThanOrEqual(250);
}, 110_000);
