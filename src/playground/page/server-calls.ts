import type {
  AddedCase,
  CaseRequest,
  EvaluateRequest,
  Evaluation,
  ReadPayload,
  ReadRequest,
  Saved,
  SaveRequest,
  Start,
  TestRun,
} from "../protocol.ts";

const token = new URLSearchParams(location.search).get("token") ?? "";

/** A refusal of the server's, or its absence, in words for the person. */
export class CallError extends Error {}

export const calls = {
  start: () => call<Start>("start"),
  evaluate: (request: EvaluateRequest, signal: AbortSignal) => call<Evaluation>("evaluate", request, signal),
  readPayload: (request: ReadRequest) => call<ReadPayload>("payload", request),
  save: (request: SaveRequest) => call<Saved>("save", request),
  keepCase: (request: CaseRequest) => call<AddedCase>("cases", request),
  runTests: () => call<TestRun>("tests", {}),
};

async function call<T>(name: string, body?: object, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(`/api/${name}`, {
    method: body ? "POST" : "GET",
    headers: { "x-playground-token": token, ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new CallError("The playground does not answer. Start it again with: deskferry map play");
  });
  const content: unknown = await answer.json();
  if (answer.ok) return content as T;
  throw new CallError((content as { error?: string }).error ?? `the server answered ${answer.status}`);
}
