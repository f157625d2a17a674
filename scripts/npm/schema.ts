import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { controlFile } from "./controlFile";
import { sessionFile } from "./sessionFile";
import { reference } from "./reference";
import { editorSchema } from "./stackSchema";

// Writes what is generated: from the configuration's schemas docs/stack.schema.json for editors and
// docs/configuration.md for people, from contract/sessionSettings.ts the settings of the image's own
// sessions, and from contract/pgControl.ts those that a standby takes from its primary. `--check` changes nothing and fails for a stale file.
async function main(): Promise<void> {
  const { check } = parseArgs({ options: { check: { type: "boolean" } } }).values;
  // An ES module, which this CommonJS program can only load in this way.
  const { format } = await import("oxfmt");
  const files = {
    "docs/stack.schema.json": JSON.stringify(editorSchema()),
    "docs/configuration.md": reference(),
  };
  const texts: Record<string, string> = {
    "images/postgres/lib/control.sh": controlFile(),
    "images/postgres/lib/session.sh": sessionFile(),
  };
  for (const [file, source] of Object.entries(files)) {
    texts[file] = (await format(file, source)).code;
  }
  for (const [file, text] of Object.entries(texts)) {
    if (!check) {
      writeFileSync(file, text);
    } else if (readFileSync(file, "utf8") !== text) {
      console.error(`${file} does not match its source: run \`npm run schema\`.`);
      process.exitCode = 1;
    }
  }
}

void main();
