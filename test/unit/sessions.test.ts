import { readdirSync, readFileSync } from "node:fs";

/**
 * Every place that begins a session on a server, and how it states the settings of the session. A new
 * place fails here until it has its line.
 */
const allowed: Record<string, { line: RegExp; why: string }[]> = {
  "scripts/agent/kit/session.ts": [
    {
      line: /^const client = new Client\(login\);$/,
      why: "openSession gives `options` to the login",
    },
  ],
  "scripts/agent/pgBackRest/servers.ts": [
    { line: /^const client = new Client\(\{$/, why: "askServer gives `options` to the login" },
  ],
  "scripts/agent/dump/pgTools.ts": [
    { line: /^"pg_dump(all)?",$/, why: "inSession gives PGOPTIONS" },
    { line: /^return \(await runTool\("pg_dump", \["--version"\]/, why: "it connects to nothing" },
  ],
  "scripts/agent/dump/checks.ts": [
    { line: /runTool\("pg_restore", \["--list", file\]/, why: "it reads a file" },
  ],
  "scripts/agent/dump/lockRoom.ts": [{ line: /^`pg_dump has to lock /, why: "a sentence" }],
  "scripts/agent/dump/plain.ts": [{ line: /"pg_restore"/, why: "it reads a file" }],
  "scripts/agent/restore/archive.ts": [
    { line: /`pg_restore failed: /, why: "a sentence" },
    { line: /runTool\("pg_restore", \["--list", file\]/, why: "it reads a file" },
    {
      line: /runTool\("pg_restore", args, \{ env: login\.env\(settings, values\)/,
      why: "env gives PGOPTIONS",
    },
  ],
  "scripts/agent/restore/archiveManifest.ts": [
    { line: /^tool: `pg_dump \(PostgreSQL\)/, why: "a name" },
  ],
  "scripts/agent/restore/archiveRows.ts": [
    { line: /runTool\("pg_restore", \["--data-only", "--file=-", file\]/, why: "it reads a file" },
  ],
  "scripts/agent/restore/loadRows.ts": [
    { line: /runTool\("pg_restore", args, \{ output: script, signal \}\)/, why: "it reads a file" },
  ],
  "scripts/agent/restore/missingSql.ts": [
    { line: /runTool\("pg_restore", args, \{ output, signal \}\)/, why: "it reads a file" },
  ],
  "scripts/cli/status/scripts.ts": [
    { line: /^ask\(\) \{ timeout 8 psql -XAtqw /, why: "the line above it exports PGOPTIONS" },
  ],
  "scripts/pooler/pools.ts": [
    { line: /^timeout 4 psql -Xqw --csv "host=\/run\/pgbouncer /, why: "PgBouncer's console" },
  ],
  "scripts/cli/servers/psqlShell.ts": [
    { line: /^psql -X -w -v HISTFILE=/, why: "shellPlace gives PGOPTIONS to the superuser" },
    { line: /`psql cannot be started in /, why: "a sentence" },
  ],
  "scripts/cli/servers/psqlCommand.ts": [
    { line: /^"psql",$/, why: "a command that a person may type" },
  ],
  "scripts/wrapper/summary.ts": [
    { line: /^const words = \["psql", /, why: "a command that a person may type" },
  ],
  "scripts/primary/loginFrom.ts": [
    { line: /^const client = new Client\(\{$/, why: "askFrom gives `options` to the login" },
  ],
  "scripts/primary/lib.sh": [
    { line: /^give_up 1 "sudo does not let this login run psql/, why: "a sentence" },
    { line: /"\$psql" --version/, why: "it connects to nothing" },
    {
      line: /"\$psql" .* -w .* -d "\$conninfo" -f -$/,
      why: "the head of the script gives OPTIONS",
    },
  ],
  "scripts/primary/script.ts": [
    { line: /^PSQL: ssh\?\.psql \?\? "psql",$/, why: "only its name: lib.sh runs it" },
  ],
  "scripts/primary/ssh.ts": [{ line: /^const client = new Client\(\);$/, why: "of SSH" }],
  "scripts/primary/localPrimary.ts": [
    { line: /PGOPTIONS="\$SESSION" psql /, why: "sessionShell gives SESSION" },
  ],
  "images/postgres/lib/common.sh": [
    { line: /^if PGOPTIONS=\$SESSION timeout 5 psql /, why: "session.sh" },
  ],
  "images/postgres/lib/check.sh": [
    { line: /^PGOPTIONS="\$SESSION -c lock_timeout=60s" psql /, why: "session.sh" },
  ],
  "images/postgres/lib/primary.sh": [
    { line: /^PGOPTIONS=\$SESSION psql /, why: "session.sh" },
    { line: /^\*\.sql\) run psql -Xqw/, why: "the owner's own script, with the owner's settings" },
  ],
  "images/postgres/lib/upstream.sh": [
    {
      line: /^if run timeout 15 psql /,
      why: "a replication connection: in no database, where nobody's settings or code count",
    },
  ],
  "images/postgres/lib/clone.sh": [
    { line: /^pg_basebackup --pgdata/, why: "a replication connection, as in upstream.sh" },
  ],
  "images/pgbouncer/lib/common.sh": [
    { line: /psql/, why: "the console of PgBouncer, which knows no settings and no code" },
  ],
};

const tools =
  "psql|pg_dump|pg_dumpall|pg_restore|pg_basebackup|reindexdb|vacuumdb|clusterdb|createdb|dropdb|createuser|dropuser|pg_amcheck|pgbench|pg_receivewal|pg_recvlogical|pg_rewind";
/** A program's name where a command has it, or a string that may become one; a client of pg. */
const begins = [
  new RegExp(
    `^(.*[|&;(]\\s*|(.*\\s)?(run|exec|timeout \\S+|[A-Z]+=\\S*|[A-Z]+="[^"]*"|then|do|if) )?(${tools})( |$)`,
  ),
  new RegExp(`["'](${tools})["']|\`(${tools}) `),
  /"\$(\{)?psql/,
  /new (pg\.)?(Client|Pool)\(/,
];

const comment = /^(#|\/\/|\*( |$)|\*\/|\/\*\*)/;

function places(): { file: string; line: string }[] {
  const files = ["components", "contract", "images", "scripts"]
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => /\.(ts|sh)$|\/bin\/[^./]+$/.test(file) && !/install\.sh$/.test(file));
  return files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => !comment.test(line) && begins.some((one) => one.test(line)))
      .map((line) => ({ file, line })),
  );
}

it("begins no session on a server without the settings of contract/sessionSettings.ts", () => {
  const found = places();
  const around = found.filter(
    ({ file, line }) => !allowed[file]?.some((one) => one.line.test(line)),
  );
  expect(around).toEqual([]);
  const unused = Object.entries(allowed).flatMap(([file, lines]) =>
    lines
      .filter(({ line }) => !found.some((one) => one.file === file && line.test(one.line)))
      .map(({ line }) => `${file}: ${line}`),
  );
  expect(unused).toEqual([]);
});

it("lets no psql of ours ask for a password", () => {
  const connects = /(psql|reindexdb|pg_basebackup)("|\s)/;
  const asking = places()
    .filter(({ file, line }) => /\.sh$|localPrimary/.test(file) && connects.test(line))
    .filter(({ line }) => !/--version|^give_up /.test(line))
    // The line may go on: what follows is read with it.
    .filter(({ file, line }) => {
      const text = readFileSync(file, "utf8").replace(/\\\n/g, " ");
      const whole = text.split("\n").find((one) => one.includes(line.replace(/\\$/, "").trim()));
      return !/\s(-[A-Za-z]*w[A-Za-z]*|--no-password)\b/.test(whole ?? line);
    });
  expect(asking).toEqual([]);
});

it.each([
  "psql -X -c 'SELECT 1'",
  "PGOPTIONS= psql -X",
  "x=$(psql -X)",
  'spawn("pg_dump", args)',
  "const client = new Client({ host });",
  "if run timeout 15 psql -X; then",
  "vacuumdb --all",
])("sees the beginning of a session in: %s", (line) => {
  expect(begins.some((one) => one.test(line))).toBe(true);
});
