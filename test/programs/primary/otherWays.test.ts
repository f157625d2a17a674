import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrimarySettings, type StepName, stepScript } from "../../../scripts/primary";

// How a script logs in, with programs in the places of psql, pg_isready and sudo. What this does not prove:
// that a real server refuses and lets in so (test/integration/preflight.test.ts does).
const folder = mkdtempSync(join(tmpdir(), "lbt-ways-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (name: string, text: string) => {
  writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
};
const log = join(folder, "log");

interface Case {
  step?: StepName;
  mode?: string;
  sudo?: string;
  /** Bash, with the connection string in $conninfo and the SQL in $sql. */
  answer: string;
}

/** Runs a step; the words and the connection string of each psql. */
function run({ step = "role", mode = "apply", sudo, answer }: Case) {
  writeFileSync(log, "");
  program("pg_isready", "exit 0");
  program("sudo", 'echo "sudo $*" >>"$LOG"; shift 4; exec "$@"');
  program(
    "psql",
    `echo "psql $*" >>"$LOG"; case $* in --version) exit ;; esac
while [ $# -gt 0 ]; do if [ "$1" = -d ]; then conninfo=$2; fi; shift; done
sql=$(cat)
${answer}`,
  );
  const settings: PrimarySettings = {
    ...{ stack: "p/s#1", role: "laterbase_s", host: "10.0.0.7", port: 5432, version: 17 },
    ...{ superuser: "dba", superuserPassword: "x", database: "postgres" },
    transport: { kind: "ssh", psql: join(folder, "psql"), ...(sudo ? { sudo } : {}) },
  };
  const input = stepScript(step, settings, { size: "1GB", standby: "standby" });
  const PATH = `${folder}:${process.env["PATH"]}`;
  const env = { ...process.env, TMPDIR: folder, LOG: log, PATH };
  const { status, stdout, stderr } = spawnSync("bash", ["-s", "--", mode], {
    ...{ input, env, encoding: "utf8" as const },
  });
  const calls = readFileSync(log, "utf8").split("\n").filter(Boolean);
  return { status, stdout, stderr, psql: calls.filter((one) => one.startsWith("psql -X")), calls };
}

const refuse = (what: string) => `echo 'psql: error: ${what}' >&2; exit 2`;
const needsTemplate = `case $conninfo in *"dbname=template1"*) ;; *) ${refuse('FATAL:  database "postgres" does not exist')} ;; esac`;

it("never lets psql ask for a password, nor by sudo", () => {
  const plain = run({ answer: "echo connected" });
  const bySudo = run({ answer: "echo connected", sudo: "postgres" });
  expect([plain.status, bySudo.status]).toEqual([0, 0]);
  for (const call of [...plain.psql, ...bySudo.psql]) expect(call).toContain(" -w ");
  expect(bySudo.calls[0]).toContain("sudo -n -u postgres -- ");
});

it("says what to do when the server asks the user of sudo for a password", () => {
  const { status, stderr } = run({
    answer: refuse("fe_sendauth: no password supplied"),
    sudo: "postgres",
  });
  expect(status).toBe(11);
  expect(stderr.split("\n").slice(0, 2)).toEqual([
    'The primary at 10.0.0.7:5432 does not let "dba" in on its own socket without a password, and sudo as "postgres" gives none.',
    'Put the line "local all dba peer" at the top of its pg_hba.conf and reload it, or set laterbase:primary.access.sudo to false and laterbase:primary.superuser.password.',
  ]);
});

it.each(["apply", "remove"])("uses template1 to %s where there is no database postgres", (mode) => {
  const { status, psql, stderr } = run({
    mode,
    answer: `${needsTemplate}; echo connected; case $sql in *datallowconn*) ;; *) echo done ;; esac`,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(psql.filter((call) => !call.includes("dbname=template1"))).toHaveLength(2);
  // The whole settings, and not those for a server of another major.
  if (mode === "remove") expect(psql.at(-1)).toContain("event_triggers=off");
});

it("does not take template1 for a database of the server", () => {
  const hex = Buffer.from("postgres").toString("hex");
  const { status, psql } = run({
    ...{ step: "amcheck", mode: "remove" },
    answer: `case $sql in *datallowconn*) echo connected; echo ${hex} ;; *) ${refuse("no such database")} ;; esac`,
  });
  expect(status).not.toBe(0);
  expect(psql.filter((call) => call.includes("template1"))).toEqual([]);
});

it("says why the usual way failed when every other way fails too", () => {
  const { status, stderr, psql } = run({
    answer: `case $conninfo in *template1*) ${refuse("FATAL:  another reason")} ;; *) ${refuse('FATAL:  password authentication failed for user "dba"')} ;; esac`,
  });
  expect(status).toBe(11);
  expect(psql).toHaveLength(3);
  expect(stderr).toContain('The primary at 10.0.0.7:5432 refused the password of "dba".\n');
  expect(stderr).not.toContain("another reason");
});

it("says a sentence once, also when psql said it for each address", () => {
  const { stderr } = run({ answer: `echo 'psql: error: no route' >&2; ${refuse("no route")}` });
  expect(stderr.split("\n").filter((line) => line === "no route")).toHaveLength(1);
});
