import { z } from "zod";

/**
 * A plugin's settings with unknown keys refused, also where its author wrote z.object, which drops them in silence.
 * Other kinds of schema are taken as they are.
 */
export function strict(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.strict() : schema;
}
