import { relative, resolve } from "node:path";
import { type RequestHandler, Router } from "express";
import { type MappingKind, mappingKinds } from "../domain/records.ts";
import { jsonataFunctions } from "../mapping/allowed.ts";
import { describeRecord } from "../mapping/describe-record.ts";
import { MappingError, MappingLoadError } from "../mapping/errors.ts";
import { mappingFunctions } from "../mapping/functions.ts";
import type { Mapper } from "../mapping/mapper.ts";
import { type ReadPayload as ReadPayloadOfCase, runMappingTests } from "../mapping/test-runner.ts";
import { readText, saveText } from "./mapping-files.ts";
import type {
  AddedCase,
  Evaluation,
  Fault,
  KindStart,
  ReadPayload,
  RecordSchema,
  Saved,
  Start,
  TestRun,
} from "./protocol.ts";
import { Refused } from "./refusal.ts";
import { asCase, asEvaluation, asReading, asSave } from "./requests.ts";
import { addCase, samplesOfCases } from "./test-cases.ts";

/** What the playground plays with. */
export interface PlayTools {
  folder: string;
  mapper: Mapper;
  /** Names of the channel types whose payloads can be read. */
  channelTypes: string[];
  /** As production reads the body of a webhook; the inputs that come of it. */
  readPayload(channelType: string, body: string): ReadPayload;
  samples: Start["samples"];
  /** For test cases that name a file with a payload. */
  readCasePayload: ReadPayloadOfCase;
}

/** Everything the page asks for. */
export function createRoutes(tools: PlayTools): Router {
  const router = Router();
  router.get(
    "/start",
    answer(() => start(tools)),
  );
  router.post(
    "/evaluate",
    answer((body) => evaluate(asEvaluation(body), tools)),
  );
  router.post(
    "/payload",
    answer((body) => readPayload(body, tools)),
  );
  router.post(
    "/save",
    answer((body) => save(body, tools)),
  );
  router.post(
    "/cases",
    answer((body) => keepCase(body, tools)),
  );
  router.post(
    "/tests",
    answer(() => runTests(tools)),
  );
  return router;
}

function answer(work: (body: unknown) => unknown): RequestHandler {
  return async (request, response) => {
    response.json(await work(request.body));
  };
}

async function start(tools: PlayTools): Promise<Start> {
  const { folder, channelTypes, samples } = tools;
  return {
    folder: shown(folder),
    channelTypes,
    samples,
    functions: [
      ...mappingFunctions.map(({ name, signature, about }) => ({ name, signature, about })),
      ...jsonataFunctions.map((name) => ({ name })),
    ],
    kinds: await Promise.all(mappingKinds.map((kind) => startOf(kind, tools))),
  };
}

/** Relative to the working directory where that is shorter. */
function shown(folder: string): string {
  const short = relative(process.cwd(), resolve(folder));
  return short.startsWith("..") ? resolve(folder) : short || ".";
}

async function startOf(kind: MappingKind, { folder, readCasePayload }: PlayTools): Promise<KindStart> {
  const schema: RecordSchema = describeRecord(kind);
  const cases = await samplesOfCases({ folder, kind }, readCasePayload);
  return { kind, file: `${kind}.jsonata`, schema, cases, ...readText(folder, kind) };
}

async function evaluate(
  { kind, source, input }: ReturnType<typeof asEvaluation>,
  { folder, mapper }: PlayTools,
): Promise<Evaluation> {
  try {
    return await mapper.mapSource(`${folder}/${kind}.jsonata`, source, input);
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return { fault: faultOf(error) };
  }
}

function faultOf(error: MappingError): Fault {
  const { kind, reason, line, column, detail, fields, produced } = error;
  return { kind, reason, line, column, detail, fields, produced };
}

function readPayload(body: unknown, tools: PlayTools): ReadPayload {
  const { channelType, body: text } = asReading(body);
  if (!tools.channelTypes.includes(channelType)) {
    throw new Refused(
      400,
      `There is no channel type "${channelType}". Known are: ${tools.channelTypes.join(", ")}.`,
    );
  }
  return tools.readPayload(channelType, text);
}

function save(body: unknown, { folder }: PlayTools): Saved {
  const { kind, ...text } = asSave(body);
  return saveText(folder, kind, text);
}

/** The outcome is asked of the mapping once more, so that a case never holds what only a page claimed. */
async function keepCase(body: unknown, tools: PlayTools): Promise<AddedCase> {
  const { name, ...request } = asCase(body);
  const { folder } = tools;
  const { kind, input } = request;
  const outcome = await evaluate(request, tools);
  const place = { folder, kind };
  const expectation =
    "fault" in outcome ? { expectedError: outcome.fault.reason } : { expected: outcome.record };
  const file = await addCase(place, { name, input, ...expectation });
  const cases = await samplesOfCases(place, tools.readCasePayload);
  return { file, outcome: "fault" in outcome ? "error" : "record", cases };
}

/** Of the files as they are on disk. */
async function runTests({ folder, mapper, readCasePayload }: PlayTools): Promise<TestRun> {
  try {
    const results = await runMappingTests(folder, mapper, { readPayload: readCasePayload });
    return {
      results: results.map(({ file, name, failure }) => ({
        file: relative(folder, file),
        name,
        ...(failure === undefined ? {} : { failure }),
      })),
    };
  } catch (error) {
    if (!(error instanceof MappingLoadError)) throw error;
    return {
      results: error.problems.map(({ file, message }) => ({ file, name: "can be loaded", failure: message })),
    };
  }
}
