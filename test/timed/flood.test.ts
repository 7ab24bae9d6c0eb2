import net from "node:net";
import { expect, it } from "vitest";
import { messageBody } from "../http/http-setup.ts";
import { addressOf, useLoneIntake } from "./lone-intake.ts";
import { type Answered, latencyOf } from "./signed-webhooks.ts";

const name = `flood-${process.pid}`;
const intake = useLoneIntake(name);
/** Nominal load of an intake is 200 webhooks a second (G4); this is ten times that, from one address. */
const FLOOD_A_SECOND = 2000;
const SECONDS = 6;

/** Sends so many a second, over 20 connections that are opened again when they are closed; counts the answers. */
function flood(bytes: Buffer): { answers: Map<string, number>; stop(): void } {
  const answers = new Map<string, number>();
  const sockets: (net.Socket | undefined)[] = Array.from({ length: 20 });
  const socketAt = (index: number) => {
    const socket = net.connect(intake().port, "127.0.0.1");
    socket.on("data", (chunk: Buffer) => {
      for (const [, status = ""] of chunk.toString("latin1").matchAll(/HTTP\/1\.1 (\d{3})/g))
        answers.set(status, (answers.get(status) ?? 0) + 1);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (sockets[index] === socket) sockets[index] = undefined;
    });
    sockets[index] = socket;
    return socket;
  };
  const each = FLOOD_A_SECOND / 20 / 20;
  const sending = setInterval(() => {
    for (const index of sockets.keys()) {
      const socket = sockets[index] ?? socketAt(index);
      for (let n = 0; n < each; n++) socket.write(bytes);
    }
  }, 50);
  return {
    answers,
    stop: () => {
      clearInterval(sending);
      for (const socket of sockets) socket?.destroy();
    },
  };
}

const content = messageBody("flood");
const head = (more: string) =>
  Buffer.from(
    `POST ${addressOf(name)} HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`,
  );

/** Fifty signed webhooks a second. */
function deliverFor(seconds: number): Promise<Answered[]> {
  const ends = performance.now() + seconds * 1000;
  return intake().sender.deliverUntil(() => performance.now() >= ends, 20);
}

it.each([
  ["with a forged signature", head(`X-Hub-Signature-256: sha256=${"0".repeat(64)}\r\n`), "401"],
  ["without a signature", head(""), "429"],
])(
  "S13: 2,000 webhooks a second %s from one address hold up none that are signed",
  async (what, bytes, usual) => {
    // The first ones find a process that has compiled nothing yet.
    await deliverFor(2);
    const quiet = latencyOf(await deliverFor(2));
    const flooding = flood(bytes);
    await deliverFor(3);
    const honest = await deliverFor(SECONDS);
    flooding.stop();
    const { p50, p99 } = latencyOf(honest);
    const refused = [...flooding.answers].map(([status, answers]) => `${answers} × ${status}`).join(", ");
    console.log(
      `flood ${what}: ${refused}; ${honest.length} signed meanwhile, p50 ${p50} ms, p99 ${p99} ms (before: ${quiet.p50}, ${quiet.p99})`,
    );
    expect(honest.filter(({ status }) => status !== 200)).toEqual([]);
    expect(honest.length).toBeGreaterThan(100);
    expect(flooding.answers.get(usual) ?? 0).toBeGreaterThan(500);
    expect(p99).toBeLessThanOrEqual(250);
  },
  60_000,
);
