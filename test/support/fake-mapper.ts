import type {
  CommentInput,
  ConfirmationInput,
  MessageInput,
  RouteInput,
} from "../../src/domain/mapping-input.ts";
import type { MappingKind } from "../../src/domain/records.ts";
import { checkRecord, type MappingRecords } from "../../src/mapping/check-record.ts";
import { MappingError } from "../../src/mapping/errors.ts";
import type { Mapper } from "../../src/mapping/mapper.ts";

/** Mapping files as functions in this process; what they give is checked as the real mapper checks it. */
export interface Rules {
  contact(input: MessageInput): unknown;
  ticket(input: MessageInput): unknown;
  route(input: RouteInput): unknown;
  comment(input: CommentInput): unknown;
  confirmation(input: ConfirmationInput): unknown;
}

const plain: Rules = {
  contact: ({ person }) => ({
    name: person.name ?? "Somebody",
    ...(person.phone ? { phone: person.phone } : {}),
  }),
  ticket: ({ message }) => ({ subject: message.text.slice(0, 60) || message.type }),
  route: () => undefined,
  comment: ({ message, attachment }) => ({
    body: attachment?.missing
      ? `${message.text} [${attachment.name}: ${attachment.missing}]`
      : message.text || "–",
  }),
  confirmation: ({ event, ticket }) =>
    event.to === "solved" ? { template: { name: "solved", language: "en", body: [ticket.id] } } : null,
};

export interface FakeMapper extends Pick<Mapper, "map"> {
  /** What each evaluation was given, in order. */
  inputs: { kind: MappingKind; input: unknown }[];
  /** Replaces a rule from now on. */
  rules: Rules;
}

export function createFakeMapper(rules: Partial<Rules> = {}): FakeMapper {
  const mapper: FakeMapper = {
    rules: { ...plain, ...rules },
    inputs: [],
    async map<K extends MappingKind>(folder: string, kind: K, input: unknown) {
      mapper.inputs.push({ kind, input });
      const rule = mapper.rules[kind] as (input: unknown) => unknown;
      // JSON, because a mapping in its own process sees nothing else.
      const value = rule(JSON.parse(JSON.stringify(input)));
      const record: MappingRecords[K] = checkRecord(kind, value, {
        name: `${folder}/${kind}.jsonata`,
        source: "",
      });
      return { record, version: "test" };
    },
  };
  return mapper;
}

/** A rule that fails as a mapping file at fault does. */
export function failing(): never {
  throw new MappingError({ kind: "evaluate", file: "m/contact.jsonata", reason: "it fails. Mend it" });
}
