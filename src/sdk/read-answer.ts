import type { z } from "zod";
import { PluginError } from "./errors.ts";
import type { HttpAnswer } from "./http-client.ts";

/** `what` is the operation in words, `server` the product's name; both stand in errors. */
export interface Asked {
  what: string;
  server: string;
}

/**
 * A value out of an answer, as its schema gives it. Throws `ambiguous` with the path of the first field that does not fit:
 * a success of another shape may have had its effect. The value itself is never quoted, it may hold personal data.
 */
export function readAs<T extends z.ZodType>(value: unknown, schema: T, { what, server }: Asked): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw unexpectedShape({ what, server }, result.error.issues[0]?.path.join("."));
}

/** The error of an answer that is not as the server writes it at `place`; without one it is wrong as a whole. */
export function unexpectedShape({ what, server }: Asked, place?: string): PluginError {
  const operatorMessage = `${what}: the answer is not as ${server} writes it (${place || "as a whole"})`;
  return new PluginError({ kind: "ambiguous", code: "unexpected_shape", operatorMessage });
}

/** Makes the `read` of one connector: an answer's JSON, as its schema gives it; errors as of `readAs`. */
export function createAnswerReader(server: string) {
  return function read<T extends z.ZodType>(answer: HttpAnswer, schema: T, what: string): z.output<T> {
    return readAs(answer.json(), schema, { what, server });
  };
}
