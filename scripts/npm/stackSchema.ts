import { z } from "zod";
import { configSchema } from "../../components/config";

/**
 * JSON schema with what our schemas add by `.meta()`: `values` (in words), `unset` (what applies
 * without the key, where that is no plain value), `change` (what a change does), `example` and
 * `secret`.
 */
export interface Documented {
  description?: string;
  values?: string;
  unset?: string;
  change?: string;
  secret?: boolean;
  example?: unknown;
  default?: unknown;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Documented>;
  required?: string[];
  items?: Documented;
  additionalProperties?: boolean | Documented;
  oneOf?: Documented[];
  anyOf?: Documented[];
  [keyword: string]: unknown;
}

/** A secret stands in a stack file as `{ secure: … }`; `--path` allows text, which Pulumi encrypts. */
const secretValue: Documented[] = [
  { type: "string" },
  {
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
  },
];

/** The configuration's keys, without `laterbase:`. */
export function documentedSchema(): Documented {
  return z.toJSONSchema(configSchema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (z.globalRegistry.get(zodSchema)?.["secret"] !== true) return;
      const { description, change, unset } = jsonSchema as Documented;
      for (const key of Object.keys(jsonSchema)) {
        delete (jsonSchema as Record<string, unknown>)[key];
      }
      Object.assign(jsonSchema, { description, change, unset, secret: true, anyOf: secretValue });
    },
  }) as Documented;
}

/** The schema of a whole stack file, for editors. */
export function editorSchema(): object {
  const config = documentedSchema();
  const keys = Object.entries(config.properties ?? {});
  return {
    $schema: config["$schema"],
    title: "A stack of Laterbase",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(
          keys.map(([key, value]) => [`laterbase:${key}`, forEditors(value)]),
        ),
        required: (config.required ?? []).map((key) => `laterbase:${key}`),
        patternProperties: { "^(?!laterbase:)": true },
        additionalProperties: false,
      },
    },
  };
}

/** Editors show the description only: it takes in what our own keywords say. */
function forEditors(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forEditors);
  if (typeof schema !== "object" || schema === null) return schema;
  const { description, unset, change, example } = schema as Documented;
  const sentences = [description, unset && `Default: ${unset}.`, change].filter(Boolean);
  return {
    ...(sentences.length > 0 ? { description: sentences.join(" ") } : {}),
    ...(example === undefined ? {} : { examples: [example] }),
    ...Object.fromEntries(
      Object.entries(schema)
        .filter(([key]) => !ownKeywords.has(key))
        .map(([key, value]) => [key, valueForEditors(key, value)]),
    ),
  };
}

function valueForEditors(keyword: string, value: unknown): unknown {
  if (dataKeywords.has(keyword)) return value;
  if (keyword !== "properties") return forEditors(value);
  // Its keys are the configuration's own, which may have the name of a keyword.
  const keys = Object.entries(value as Record<string, Documented>);
  return Object.fromEntries(keys.map(([key, schema]) => [key, forEditors(schema)]));
}

const ownKeywords = new Set(["description", "values", "unset", "change", "example", "secret"]);

/** Keywords that hold values, which are no schemas. */
const dataKeywords = new Set(["default", "examples", "const", "enum", "required"]);
