import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { sandbox } from "../../scripts/sandbox-settings.ts";
import { messageBody } from "../http/http-setup.ts";

/** How a signed webhook was answered. */
export interface Answered {
  status: number;
  ms: number;
}

/** Somebody honest, who sends signed webhooks to an intake over up to 20 connections that are kept alive. */
export function createSender(port: number, path: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let count = 0;

  function deliver(): Promise<Answered> {
    const n = count++;
    const bytes = Buffer.from(messageBody(`Lamp ${n}`).replace("wamid.A1", `wamid.S${n}`));
    const signature = createHmac("sha256", sandbox.appSecret).update(bytes).digest("hex");
    const headers = { "X-Hub-Signature-256": `sha256=${signature}`, "Content-Length": bytes.length };
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      request({ port, host: "127.0.0.1", path, method: "POST", headers, agent }, (answer) => {
        answer.resume().on("end", () => {
          resolve({ status: answer.statusCode ?? 0, ms: performance.now() - begun });
        });
      })
        .on("error", reject)
        .end(bytes);
    });
  }

  return {
    deliver,
    /** One each `everyMs` until told to end. */
    async deliverUntil(isOver: () => boolean, everyMs: number): Promise<Answered[]> {
      const sent: Promise<Answered>[] = [];
      while (!isOver()) {
        sent.push(deliver());
        await sleep(everyMs);
      }
      return Promise.all(sent);
    },
    stop: () => agent.destroy(),
  };
}

export interface Latency {
  p50: number;
  p99: number;
  most: number;
}

/** Whole milliseconds. */
export function latencyOf(answers: readonly Answered[]): Latency {
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.ceil(times.length * share) - 1] ?? 0);
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
