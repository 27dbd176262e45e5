import { z } from "zod";

function unwrapped(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

function child(schema: unknown, key: string | number): unknown {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) return inner.shape[key];
  if (inner instanceof z.ZodRecord) return inner.valueType;
  return inner instanceof z.ZodArray ? inner.element : undefined;
}

/** The schema at `path`, without its default; undefined if there is none. */
export const schemaAt = (schema: z.ZodType, path: readonly (string | number)[]): unknown =>
  unwrapped(path.reduce<unknown>(child, schema));

/** Keys that the schema knows at `path`; none if it is not an object. */
export function childKeys(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  const target = schemaAt(schema, path);
  return target instanceof z.ZodObject ? Object.keys(target.shape) : [];
}
