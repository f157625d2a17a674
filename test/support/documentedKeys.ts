import { documentedSchema, type Documented } from "../../scripts/npm/stackSchema";

/** A key of the stack file, such as `standbys[].port` or `pooler.databases.<name>.mode`. */
export interface DocumentedKey {
  path: string;
  schema: Documented;
}

/** Every key of the stack file without keys below it. One of several kinds may come more than once. */
export function documentedKeys(): DocumentedKey[] {
  const { properties = {} } = documentedSchema();
  return Object.entries(properties).flatMap(([key, value]) => keysOf(key, value));
}

function keysOf(path: string, schema: Documented): DocumentedKey[] {
  const { properties, items, additionalProperties, oneOf } = schema;
  if (properties)
    return Object.entries(properties).flatMap(([key, value]) => keysOf(`${path}.${key}`, value));
  if (items?.properties) return keysOf(`${path}[]`, items);
  if (typeof additionalProperties === "object" && additionalProperties.properties) {
    return keysOf(`${path}.<name>`, additionalProperties);
  }
  if (oneOf) return oneOf.flatMap((kind) => keysOf(path, kind));
  return schema.const === undefined ? [{ path, schema }] : [];
}
