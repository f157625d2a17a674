import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { reference } from "./reference";
import { editorSchema } from "./stackSchema";

// Writes what is generated from the configuration's schemas: docs/stack.schema.json for editors and
// docs/configuration.md for people. `--check` changes nothing and fails for a stale file.
async function main(): Promise<void> {
  const { check } = parseArgs({ options: { check: { type: "boolean" } } }).values;
  // An ES module, which this CommonJS program can only load in this way.
  const { format } = await import("oxfmt");
  const files = {
    "docs/stack.schema.json": JSON.stringify(editorSchema()),
    "docs/configuration.md": reference(),
  };
  for (const [file, source] of Object.entries(files)) {
    const { code: text } = await format(file, source);
    if (!check) {
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${file} does not match the schemas in components/: run \`npm run schema\`.`);
      process.exitCode = 1;
    }
  }
}

void main();
