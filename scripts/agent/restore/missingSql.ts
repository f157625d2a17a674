import { createWriteStream, writeFileSync } from "node:fs";
import { access, chmod, constants } from "node:fs/promises";
import { join } from "node:path";
import type { MissingObject } from "../../../contract/agentReplies";
import { visible } from "../../../contract/visible";
import { runTool } from "../kit/tools";
import { stamp } from "../dump/folders";
import type { Entry } from "../dump/toc";
import { quoted } from "../../../contract/quoting";

/** What a restore could not make, and where its file goes. */
export interface Missing {
  objects: readonly MissingObject[];
  entries: readonly Entry[];
  /** Of the settings among the objects. They are in no archive. */
  statements: readonly string[];
  /** pg_dump's archive. */
  archive: string;
  database: string;
  at: Date;
  /** A folder for the list of entries. */
  scratch: string;
}

/**
 * Keeps the SQL of what could not be made, for people who repair it and run it. The file lies beside the
 * dump, and goes with it. Rows are too many for it: it says how pg_restore loads them.
 *
 * @param folders the first one that can be written
 * @returns its path
 */
export async function keepSql(
  missing: Missing,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const file = join(await writable(folders), `not-restored-${stamp(missing.at)}.sql`);
  const statements = missing.statements.map((statement) => `${statement};\n`);
  writeFileSync(file, [headOf(missing), ...statements].join(""));
  const definitions = missing.entries.filter(({ section }) => section !== "data");
  if (definitions.length > 0) {
    const list = join(missing.scratch, "missing");
    writeFileSync(list, definitions.map(({ id }) => `${id};\n`).join(""));
    const output = createWriteStream(file, { flags: "a" });
    const args = ["--use-list", list, "--file", "-", missing.archive];
    await runTool("pg_restore", args, { output, signal });
  }
  await chmod(file, 0o640);
  return file;
}

async function writable(folders: readonly string[]): Promise<string> {
  const [first = "", ...others] = folders;
  if (others.length === 0) return first;
  const can = await access(first, constants.W_OK).then(
    () => true,
    () => false,
  );
  return can ? first : writable(others);
}

/** Comments, a line each. What a server says cannot leave its line. */
export function headOf({ objects, database, archive }: Missing): string {
  const lines = [
    `What the restore into ${quoted(database)} could not make, with the error of each.`,
    "Run each as its owner, and nothing as a superuser: it may call functions of that owner, with your rights.",
    ...objects.flatMap(({ id, kind, name, owner, code, error }) => [
      "",
      `${kind} ${name}${owner === "" ? "" : `, owner ${quoted(owner)}`}`,
      `  ${code === null ? "" : `${code}: `}${error}`,
      ...(kind === "TABLE DATA"
        ? [`  its rows: pg_restore --use-list <(echo '${id};') --dbname … ${archive}`]
        : []),
    ]),
    "",
  ];
  return lines
    .map((line) => `-- ${visible(line)}`.trimEnd())
    .join("\n")
    .concat("\n");
}
