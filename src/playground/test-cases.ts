import { basename, join } from "node:path";
import type { MappingKind } from "../domain/records.ts";
import { addTestCase, readMappingTests, type TestCase } from "../mapping/test-file.ts";
import type { ReadPayload } from "../mapping/test-runner.ts";
import { refuseOutside } from "./mapping-files.ts";
import type { Sample } from "./protocol.ts";
import { Refused } from "./refusal.ts";

interface Place {
  folder: string;
  kind: MappingKind;
}

/** The inputs of the cases beside a mapping file; none when the file cannot be read. */
export async function samplesOfCases(place: Place, readPayload: ReadPayload): Promise<Sample[]> {
  const cases = await readMappingTests(fileOf(place));
  if (typeof cases === "string") return [];
  const samples = await Promise.all(cases.map((test) => sampleOf(test, place, readPayload)));
  return samples.flat();
}

async function sampleOf(test: TestCase, place: Place, readPayload: ReadPayload): Promise<Sample[]> {
  const { name, payload, input } = test;
  const read = payload ? await readPayload(payload, place).catch(() => undefined) : input;
  // A payload that cannot be read is told when the tests are run.
  return read === undefined ? [] : [{ title: name, inputs: { [place.kind]: read } }];
}

/** Adds a case to what stands in the file now, which keeps the rest as typed. Gives the file's name. */
export async function addCase(place: Place, test: TestCase): Promise<string> {
  const file = fileOf(place);
  const name = basename(file);
  refuseOutside(place.folder, file);
  const cases = await readMappingTests(file);
  if (Array.isArray(cases) && cases.some((one) => one.name === test.name)) {
    throw new Refused(409, `${name} has a case "${test.name}" already. Choose another name.`);
  }
  await addTestCase(file, test).catch(() => {
    throw new Refused(409, `${name} is not a list of test cases. Mend it first; it was not changed.`);
  });
  return name;
}

function fileOf({ folder, kind }: Place): string {
  return join(folder, `${kind}.test.json`);
}
