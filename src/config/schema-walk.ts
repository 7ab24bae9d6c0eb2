import type { z } from "zod";
import type { SettingPath } from "./setting-path.ts";

/**
 * What we read of a zod schema's definition. By the name of its type and not with instanceof, because a plugin from
 * outside may bring its own copy of zod.
 */
interface Definition {
  type: string;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  getter?: () => z.core.$ZodType;
  shape?: Record<string, z.core.$ZodType>;
  valueType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  options?: z.core.$ZodType[];
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schemas that a value could be checked by, without optional, default and transform around them. */
function bare(schema: z.core.$ZodType): z.core.$ZodType[] {
  const { type, innerType, in: input, options, getter } = definitionOf(schema);
  const inside = type === "lazy" ? getter?.() : (innerType ?? input);
  if (inside) return bare(inside);
  if (options) return options.flatMap(bare);
  return [schema];
}

/** All schemas that may stand at this place; several after a union. */
export function schemasAt(schema: z.core.$ZodType, path: SettingPath): z.core.$ZodType[] {
  const [key, ...rest] = path;
  if (key === undefined) return [schema];
  return bare(schema).flatMap((option) => {
    const { shape, valueType, element } = definitionOf(option);
    const child = typeof key === "number" ? element : (shape?.[key] ?? valueType);
    return child ? schemasAt(child, rest) : [];
  });
}

/** Keys that an object at this place may have. */
export function keysAt(schema: z.core.$ZodType, path: SettingPath): string[] {
  const shapes = schemasAt(schema, path).flatMap(bare);
  return [...new Set(shapes.flatMap((option) => Object.keys(definitionOf(option).shape ?? {})))];
}

/** Description and marks (`secret`), looked for from the outside in. */
export function metaOf(schema: z.core.$ZodType): Record<string, unknown> {
  const own = metaMethod(schema);
  const { innerType, in: input } = definitionOf(schema);
  const inside = innerType ?? input;
  return { ...(inside ? metaOf(inside) : {}), ...own };
}

/** Whether a value may be what the schema, or one inside it, marks so: one member of a union is enough. */
export function isMarked(schema: z.core.$ZodType, mark: string): boolean {
  if (metaMethod(schema)[mark] === true) return true;
  const { type, innerType, in: input, options = [], getter } = definitionOf(schema);
  const inside = type === "lazy" ? getter?.() : (innerType ?? input);
  return [...options, ...(inside ? [inside] : [])].some((one) => isMarked(one, mark));
}

function metaMethod(schema: z.core.$ZodType): Record<string, unknown> {
  const { meta } = schema as { meta?: () => Record<string, unknown> | undefined };
  return meta?.call(schema) ?? {};
}
