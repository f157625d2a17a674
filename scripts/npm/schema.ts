import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { sessionFile } from "./sessionFile";
import { reference } from "./reference";
import { editorSchema } from "./stackSchema";

// Writes what is generated: from the configuration's schemas docs/stack.schema.json for editors and
// docs/configuration.md for people, and from contract/sessionSettings.ts the settings of the image's own
// sessions. `--check` changes nothing and fails for a stale file.
async function main(): Promise<void> {
  const { check } = parseArgs({ options: { check: { type: "boolean" } } }).values;
  const files = {
    "docs/stack.schema.json": await format(JSON.stringify(editorSchema()), {
      parser: "json",
      printWidth: 100,
    }),
    "images/postgres/lib/session.sh": sessionFile(),
    "docs/configuration.md": await format(reference(), { parser: "markdown", printWidth: 100 }),
  };
  for (const [file, text] of Object.entries(files)) {
    if (!check) {
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${file} does not match its source: run \`npm run schema\`.`);
      process.exitCode = 1;
    }
  }
}

void main();
