import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrimarySettings, type StepName, stepScript } from "../../../scripts/primary";

// A server that answers with hostile text, played by a program in place of psql. bash runs the step.
const folder = mkdtempSync(join(tmpdir(), "lbt-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const psql = join(folder, "psql");
const said = join(folder, "said");

/** Runs a step with a psql that writes its connection string and its SQL to a file, and runs `answer`. */
function run(step: StepName, mode: string, answer: string, version = 17) {
  writeFileSync(said, "");
  writeFileSync(
    psql,
    `#!/bin/bash
while [ $# -gt 0 ]; do if [ "$1" = -d ]; then conninfo=$2; fi; shift; done
sql=$(cat)
printf '%s\\n' "conninfo: $conninfo" >>'${said}'
${answer}
`,
  );
  chmodSync(psql, 0o755);
  writeFileSync(join(folder, "pg_isready"), "#!/bin/bash\nexit 0\n");
  chmodSync(join(folder, "pg_isready"), 0o755);
  const settings: PrimarySettings = {
    ...{ stack: "p/s#1", role: "laterbase_s", host: "10.0.0.7", port: 5432, version },
    ...{ superuser: "postgres", superuserPassword: "x", database: "postgres" },
    transport: { kind: "ssh", psql },
  };
  const input = stepScript(step, settings, { size: "1GB", standby: "standby" });
  const { status, stdout, stderr } = spawnSync("bash", ["-s", "--", mode], {
    ...{ input, encoding: "utf8", env: { ...process.env, TMPDIR: folder } },
  });
  const conninfos = readFileSync(said, "utf8")
    .split(/^conninfo: /m)
    .slice(1);
  return { status, stdout, stderr, conninfos };
}

const hex = (text: string) => Buffer.from(text).toString("hex");
const name = `it's \\ "x" $(touch ${folder}/p)\n\`touch ${folder}/p\``;

it("connects to a database whatever its name holds, and runs nothing of it", () => {
  const { status, conninfos } = run(
    "amcheck",
    "remove",
    `echo connected; case $sql in *datallowconn*) echo '7|${hex(name)}' ;; esac`,
  );
  expect(status).toBe(0);
  expect(conninfos[1]).toContain(`dbname='${name.replace(/[\\']/g, "\\$&")}'`);
  expect(spawnSync("ls", [join(folder, "p")]).status).not.toBe(0);
});

it.each(["'x' host=elsewhere", "\\! touch p", "", "0G"])(
  "refuses the name %j, which is not made of hexadecimal digits",
  (text) => {
    const { status, stderr, conninfos } = run(
      "amcheck",
      "remove",
      `echo connected; case $sql in *datallowconn*) printf '%s\\n' ${JSON.stringify(`7|${text}`)} ;; esac`,
    );
    expect(status).toBe(1);
    expect(stderr).toBe(
      "The primary at 10.0.0.7:5432 gave a name that is not made of hexadecimal digits.\n",
    );
    expect(conninfos).toHaveLength(1);
  },
);

it("takes nothing but digits for the number of a database", () => {
  const answer = `echo connected; case $sql in *datallowconn*) echo '7}]|61' ;; esac`;
  const { status, stderr } = run("amcheck", "apply", answer);
  expect([status, stderr]).toEqual([
    1,
    "The primary at 10.0.0.7:5432 gave a number of a database that is not made of digits.\n",
  ]);
});

// One that fails is named by its number, with what psql said in hexadecimal digits.
it("goes on to the next database when one cannot be used", () => {
  const { status, stdout } = run(
    "amcheck",
    "apply",
    `case $conninfo in *"dbname='b'"*) printf 'FATAL: "\\n' >&2; exit 2 ;; esac
echo connected
case $sql in *datallowconn*) printf '%s\n' '7|61' '8|62' '9|63' ;; *current_database*) echo '{"oid":1}' ;; *lsn*) echo '"0/0"' ;; esac`,
  );
  expect(status).toBe(0);
  const { databases, wal } = JSON.parse(stdout) as { databases: { hex?: string }[]; wal: string };
  expect(databases).toEqual([{ oid: 1 }, { oid: 8, hex: expect.any(String) }, { oid: 1 }]);
  expect(Buffer.from(databases[1]!.hex!, "hex").toString()).toBe(
    'The primary at 10.0.0.7:5432 refuses the login of "postgres".',
  );
  expect(wal).toBe("0/0");
});

it("takes a database that a restore has closed for no refused login", () => {
  const closed = `FATAL:  database "b" is not currently accepting connections`;
  const { status, stderr } = run("role", "apply", `echo '${closed}' >&2; exit 2`);
  expect(status).toBe(11);
  expect(stderr.split("\n")).toEqual([
    "A database of the primary at 10.0.0.7:5432 accepts no connections. If a restore gives it its name, that lasts a moment: try again. Otherwise ALTER DATABASE ALLOW_CONNECTIONS true lets clients in.",
    'database "b" is not currently accepting connections',
    "",
  ]);
});

it("shows no control character of an error or of what it did", () => {
  const evil = `printf 'a\\033[31m\\302\\233b\\342\\200\\256c\\n'`;
  const shown = "a?[31m?b?c\n";
  expect(run("role", "apply", `echo connected; ${evil}`)).toMatchObject({
    ...{ status: 0, stdout: shown },
  });
  expect(run("role", "apply", `echo connected; ${evil} >&2; exit 3`)).toMatchObject({
    ...{ status: 1, stderr: shown },
  });
});

it("states its settings in the start packet", () => {
  const { conninfos } = run("role", "apply", "echo connected; echo done");
  expect(conninfos).toHaveLength(1);
  expect(conninfos[0]).toContain(
    "options='-c search_path=pg_catalog,pg_temp -c event_triggers=off ",
  );
  expect(conninfos[0]).toContain("-c DateStyle=ISO,\\\\ YMD ");
});

it("asks a server that refuses them once more, with those that every server has", () => {
  const answer = `case $conninfo in *event_triggers*) echo 'FATAL:  refused' >&2; exit 2 ;; esac
echo connected; case $sql in *'\\set late '*) echo late ;; esac`;
  const { status, stdout, conninfos } = run("role", "apply", answer);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "late\n" });
  expect(conninfos).toHaveLength(2);
  expect(conninfos[1]).toContain("options='-c search_path=pg_catalog,pg_temp ");
  const refused = run("role", "apply", "echo 'FATAL:  refused' >&2; exit 2");
  expect(refused.conninfos).toHaveLength(3);
  expect(refused).toMatchObject({
    status: 11,
    stderr: expect.stringContaining("refused") as string,
  });
});
