import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { z } from "zod";
import { configSchema } from "../../components/config";

// docs/stack.schema.json: what an editor completes and checks in Pulumi.<stack>.yaml.
// `--check` only says whether the file is what the code makes of it.
const file = "docs/stack.schema.json";

/** A secret stands in a stack file as `{ secure: … }`, or as the path of a stack's config says. */
const secure = {
  type: "object",
  properties: { secure: { type: "string" } },
  required: ["secure"],
  additionalProperties: false,
};

function stackSchema(): object {
  const config = z.toJSONSchema(configSchema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (z.globalRegistry.get(zodSchema)?.["secret"] !== true) return;
      for (const key of Object.keys(jsonSchema))
        delete (jsonSchema as Record<string, unknown>)[key];
      jsonSchema.anyOf = [{ type: "string" }, secure as z.core.JSONSchema.JSONSchema];
    },
  });
  const keys = Object.entries(config.properties ?? {});
  return {
    $schema: config.$schema,
    title: "A stack of Laterbase",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(keys.map(([key, value]) => [`laterbase:${key}`, value])),
        required: (config.required ?? []).map((key) => `laterbase:${key}`),
        patternProperties: { "^(?!laterbase:)": true },
        additionalProperties: false,
      },
    },
  };
}

async function main(): Promise<void> {
  const text = await format(JSON.stringify(stackSchema()), { parser: "json", printWidth: 100 });
  if (!process.argv.includes("--check")) {
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what components/config.ts makes of it: run \`npm run schema\`.`);
    process.exitCode = 1;
  }
}

void main();
