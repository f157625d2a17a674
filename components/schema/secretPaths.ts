import { z } from "zod";

/** The way to a value: keys, and numbers in lists. */
export type Path = readonly (string | number)[];

/** What a schema's definition has, as far as values inside a value are concerned. */
interface Definition {
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  /** Of an optional value, or one with a default. */
  innerType?: z.core.$ZodType;
  /** Of a value that is transformed. */
  in?: z.core.$ZodType;
}

/**
 * Where a value has secrets: what its schema marks by `.meta({ secret: true })`. A text that fits the
 * mark's `plain` is none.
 */
export function secretPaths(schema: z.core.$ZodType, value: unknown, path: Path = []): Path[] {
  if (value === undefined || value === null) return [];
  const { secret, plain } = z.globalRegistry.get(schema) ?? {};
  if (secret === true) {
    const open = plain instanceof RegExp && typeof value === "string" && plain.test(value);
    return open ? [] : [path];
  }
  const found = inside(schema._zod.def as Definition, value).flatMap(([key, inner, own]) =>
    secretPaths(inner, own, key === undefined ? path : [...path, key]),
  );
  // The kinds of a union have keys in common.
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

type Inside = [key: string | number | undefined, schema: z.core.$ZodType, value: unknown][];

function inside(definition: Definition, value: unknown): Inside {
  const { shape, element, valueType, options, innerType, in: from } = definition;
  const same = [...(options ?? []), ...(innerType ? [innerType] : []), ...(from ? [from] : [])];
  if (same.length > 0) return same.map((one) => [undefined, one, value]);
  if (element && Array.isArray(value)) return value.map((one, i) => [i, element, one]);
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  if (valueType) return entries.map(([key, one]) => [key, valueType, one]);
  return entries.flatMap(([key, one]) => (shape?.[key] ? [[key, shape[key], one]] : []));
}
