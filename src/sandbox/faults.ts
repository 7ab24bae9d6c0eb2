import { setTimeout as sleep } from "node:timers/promises";
import type { Request, RequestHandler, Response } from "express";
import { asNumber, asObject, asText, ControlError, compact, type Json } from "./read.ts";

/** What a server says: a status, a body (JSON unless a text or bytes) and headers. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Something to go wrong with the next requests. */
export interface Fault {
  /** Only requests of this operation; any if absent. */
  operation?: string;
  /** How many requests it spoils. */
  times: number;
  /** `before`: the request has no effect. `after`: it has its effect, but the caller does not learn so. */
  when: "before" | "after";
  /** Waiting time first. Alone it only slows. */
  delayMs?: number;
  /** Break the connection, or answer this in place of the truth. */
  outcome?: "reset" | Answer;
}

/** The script of faults of one server, worked off in order. */
export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  waiting(): Fault[];
  /** Wraps an operation: `perform` decides and commits, its answer goes out unless a fault stands in the way. */
  guard(operation: string, perform: (request: Request) => Answer | Promise<Answer>): RequestHandler;
}

export function createFaults(): Faults {
  let script: Fault[] = [];
  const take = (operation: string): Fault | undefined => {
    const fault = script.find((each) => each.operation === undefined || each.operation === operation);
    if (!fault) return undefined;
    fault.times -= 1;
    script = script.filter((each) => each.times > 0);
    return { ...fault };
  };
  return {
    add(fault) {
      if (fault.times > 0) script.push({ ...fault });
    },
    clear() {
      script = [];
    },
    waiting: () => script.map((fault) => ({ ...fault })),
    guard: (operation, perform) => async (request, response) => {
      const fault = take(operation);
      if (fault?.delayMs) await sleep(fault.delayMs);
      if (fault?.outcome && fault.when === "before") return spoil(request, response, fault.outcome);
      const answer = await perform(request);
      if (fault?.outcome) return spoil(request, response, fault.outcome);
      sendAnswer(response, answer);
    },
  };
}

function spoil(request: Request, response: Response, outcome: "reset" | Answer): void {
  if (outcome === "reset") request.socket.resetAndDestroy();
  else sendAnswer(response, outcome);
}

export function sendAnswer(response: Response, answer: Answer): void {
  response.status(answer.status).set(answer.headers ?? {});
  if (answer.body === undefined) response.end();
  else if (typeof answer.body === "string" || Buffer.isBuffer(answer.body)) response.send(answer.body);
  else response.json(answer.body);
}

/**
 * Reads a fault from a control request: `{operation?, times?, when?, delayMs?, reset? | status?, headers?, body?}`.
 * Throws ControlError naming the field.
 */
export function readFault(value: unknown, operations: readonly string[]): Fault {
  const given = asObject(value);
  const operation = asText(given["operation"]);
  if (operation !== undefined && !operations.includes(operation)) {
    throw new ControlError(`operation: unknown; use one of ${operations.join(", ")}`);
  }
  const when = given["when"] ?? "before";
  if (when !== "before" && when !== "after") throw new ControlError("when: use before or after");
  const outcome = readOutcome(given);
  const delayMs = asNumber(given["delayMs"]);
  if (outcome === undefined && delayMs === undefined) {
    throw new ControlError("a fault needs delayMs, reset: true, or status");
  }
  const times = asNumber(given["times"]) ?? 1;
  return { times, when, ...compact({ operation, delayMs, outcome }) };
}

function readOutcome(given: Json): "reset" | Answer | undefined {
  if (given["reset"] === true) return "reset";
  const status = asNumber(given["status"]);
  if (status === undefined) return undefined;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new ControlError("status: 200 to 599");
  const headers: Record<string, string> = {};
  for (const [name, item] of Object.entries(asObject(given["headers"]))) headers[name] = String(item);
  return { status, headers, body: given["body"] };
}
