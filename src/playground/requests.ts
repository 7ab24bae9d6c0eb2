import { type MappingKind, mappingKinds } from "../domain/records.ts";
import type { CaseRequest, EvaluateRequest, ReadRequest, SaveRequest } from "./protocol.ts";
import { Refused } from "./refusal.ts";

/** Reads what the page sent. Each throws Refused naming the field. */

type OfKind<T> = Omit<T, "kind"> & { kind: MappingKind };

export function asEvaluation(body: unknown): OfKind<EvaluateRequest> {
  const fields = asFields(body);
  return { kind: asKind(fields), source: asText(fields, "source"), input: fields["input"] };
}

export function asCase(body: unknown): OfKind<CaseRequest> {
  const name = asText(asFields(body), "name").trim();
  if (name === "") throw new Refused(400, "Give the test case a name.");
  return { ...asEvaluation(body), name };
}

export function asSave(body: unknown): OfKind<SaveRequest> {
  const fields = asFields(body);
  const { stamp } = fields;
  if (stamp !== null && typeof stamp !== "string") throw new Refused(400, "stamp: text or null");
  return { kind: asKind(fields), source: asText(fields, "source"), stamp };
}

export function asReading(body: unknown): ReadRequest {
  const fields = asFields(body);
  return { channelType: asText(fields, "channelType"), body: asText(fields, "body") };
}

function asFields(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null) return body as Record<string, unknown>;
  throw new Refused(400, "Send a JSON object.");
}

function asKind({ kind }: Record<string, unknown>): MappingKind {
  const known = mappingKinds.find((name) => name === kind);
  if (known) return known;
  throw new Refused(400, `kind: one of ${mappingKinds.join(", ")}`);
}

function asText(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new Refused(400, `${name}: text`);
}
