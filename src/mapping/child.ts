import { compile, evaluate, type Program } from "./evaluate.ts";
import { instrument } from "./instrument.ts";
import { lockDown } from "./lock-down.ts";
import { type Lookups, noLookups } from "./lookups/lookups.ts";
import {
  type ChildMessage,
  type Coverage,
  type EvaluationRequest,
  KNOWN_VERSIONS,
  type Verdict,
} from "./protocol.ts";

/** Entry of the child process: evaluates request after request, in order, until its parent is gone. */
const WARM_UP_MS = 5000;
const programs = new Map<string, Program>();
const coverages = new Map<string, () => Coverage>();
/** The last ones sent: files of one folder share them. */
let lookups: Lookups = noLookups;

async function answer(request: EvaluationRequest): Promise<Verdict> {
  if (request.source !== undefined) {
    // Our parent made this text from files that it has checked.
    if (request.lookups?.text !== undefined) lookups = JSON.parse(request.lookups.text) as Lookups;
    const compiled = compile(request.source, request.lookups ? lookups : noLookups);
    if (!compiled.ok) return compiled;
    keep(request.version, compiled.program);
    if (request.cover) {
      coverages.set(request.version, instrument(compiled.program.expression.ast(), request.source));
    }
  }
  const program = programs.get(request.version);
  if (!program) {
    return { ok: false, failure: { kind: "compile", reason: "the file could not be compiled before" } };
  }
  if (request.input === undefined) return { ok: true };
  const { timeoutMs, resultLength } = request;
  const verdict = await evaluate(program, JSON.parse(request.input), { timeoutMs, resultLength });
  const coverage = coverages.get(request.version);
  return coverage ? { ...verdict, coverage: coverage() } : verdict;
}

/** An editor makes a version of every keystroke. The parent counts on the last ones only, and we keep twice as many. */
function keep(version: string, program: Program): void {
  programs.delete(version);
  programs.set(version, program);
  const [oldest] = programs.keys();
  if (oldest === undefined || programs.size <= 2 * KNOWN_VERSIONS) return;
  programs.delete(oldest);
  coverages.delete(oldest);
}

function send(message: ChildMessage): void {
  process.send?.(message);
}

// Ctrl-C reaches the whole process group; while the parent drains it still needs us, and it ends us itself.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);

/** Uses every library once: the first use of each costs up to 10 ms of processor, and is not to be charged to an event. */
const FIRST_USES = `{
  "name": $plain(person.name, 9), "tags": [$map(list, function($x) { $x & "" })[$contains(/a/)]],
  "phone": $phone(person.phone), "language": $language(text),
  "at": $date(at, "Asia/Kolkata", "d LLLL yyyy, HH:mm", "hi"), "hash": $hash(text)
}`;

/** Runs what is cold after a start, so that the first event is not judged by it. */
async function warmUp(): Promise<void> {
  const compiled = compile(FIRST_USES);
  const input = {
    person: { name: "Amina", phone: "+254700000001" },
    list: ["a", "b"],
    text: "Pani nahi hai hamare ghar me kal se bilkul bhi",
    at: "2026-11-23T18:40:00Z",
  };
  if (!compiled.ok) throw new Error(compiled.failure.reason);
  await evaluate(compiled.program, input, { timeoutMs: WARM_UP_MS });
}

lockDown();
await warmUp();
process.on("disconnect", () => process.exit(0));
let last = Promise.resolve();
process.on("message", (requests: EvaluationRequest[]) => {
  for (const request of requests) {
    last = last.then(async () => send({ id: request.id, verdict: await answer(request) }));
  }
});
send({ ready: true });
