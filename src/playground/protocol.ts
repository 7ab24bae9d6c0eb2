/** What the page and its server say to each other, as JSON. The page's script is built from this file too. */

/** A mapping file on disk. */
export interface MappingText {
  /** Empty when there is no such file yet. */
  source: string;
  /** Tells one text from another; null when there is no such file yet. Sent back with a save. */
  stamp: string | null;
}

/** The part of JSON Schema that records use. */
export interface RecordSchema {
  type?: string;
  description?: string;
  properties?: Record<string, RecordSchema>;
  additionalProperties?: RecordSchema | boolean;
  required?: string[];
  items?: RecordSchema;
  anyOf?: RecordSchema[];
  enum?: unknown[];
  default?: unknown;
}

/** Something that mapping files can be tried with. `inputs` is by kind of file. */
export interface Sample {
  title: string;
  inputs: Record<string, unknown>;
}

/** Of one kind of file. */
export interface KindStart extends MappingText {
  kind: string;
  /** As the person knows it: `ticket.jsonata`. */
  file: string;
  schema: RecordSchema;
  /** Inputs of the cases in the test file beside it. */
  cases: Sample[];
}

/** A function that mapping files may call. */
export interface KnownFunction {
  /** Without the `$`. */
  name: string;
  /** Of our own: how it is written, and what it does. JSONata's are explained by JSONata. */
  signature?: string;
  about?: string;
}

export interface Start {
  folder: string;
  functions: KnownFunction[];
  channelTypes: string[];
  kinds: KindStart[];
  samples: { group: string; samples: Sample[] }[];
}

export interface EvaluateRequest {
  kind: string;
  source: string;
  input: unknown;
}

export interface FieldFault {
  path: string;
  reason: string;
  line?: number | undefined;
}

/** Why there is no record. */
export interface Fault {
  /** `compile`, `evaluate`, `limit` or `record`. */
  kind: string;
  reason: string;
  line?: number | undefined;
  column?: number | undefined;
  /** JSONata's own words. */
  detail?: string | undefined;
  fields: readonly FieldFault[];
  /** Of kind `record`: what the file made. */
  produced?: unknown;
}

export type Evaluation = { record: unknown; version: string } | { fault: Fault };

export interface ReadRequest {
  channelType: string;
  /** The webhook's body as it came. */
  body: string;
}

export interface ReadPayload {
  found: Sample[];
  /** What no mapping file is asked for, and why. */
  left: string[];
}

export interface SaveRequest {
  kind: string;
  source: string;
  stamp: string | null;
}

/** `conflict`: the file on disk is another one than the page knows; nothing was written. */
export type Saved = { stamp: string } | { conflict: MappingText };

export interface CaseRequest extends EvaluateRequest {
  name: string;
}

/** `outcome` tells what the case expects. */
export interface AddedCase {
  file: string;
  outcome: "record" | "error";
  cases: Sample[];
}

export interface TestRun {
  results: { file: string; name: string; failure?: string }[];
}

/** Any refusal; `error` says what to do. */
export interface Refusal {
  error: string;
}
