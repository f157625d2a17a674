import { type StepName, scramVerifier, stepScript, type StepValues } from "../../scripts/primary";
import { ok, type Ran, run } from "./process";
import type { Box, Lab } from "./imageLab";
import { build } from "./imageLab";

/** Makes a server of our image sort by code point under Debian's locale names. */
export const codePoint = "LOCPATH=/usr/local/lib/laterbase/code-point:/usr/lib/locale";

/** Many kinds of text, unique and not, in three collations, and text inside of a domain in an array. */
export const tables = `
CREATE DOMAIN document AS jsonb;
CREATE TABLE names (name text, code varchar(20) COLLATE "de_DE.utf8", note text COLLATE "C", n int, doc document[]);
INSERT INTO names
  SELECT (ARRAY['a','B','é','Z_','x-','(','Ω','_','日','foo ','Foo'])[1 + g % 11]
      || CASE WHEN g % 2 = 0 THEN md5(g::text) ELSE upper(md5(g::text)) END,
    (ARRAY['ä','Z','ö-','O'])[1 + g % 4] || g / 50, md5(g::text), g
  FROM generate_series(1, 20000) g;
UPDATE names SET doc = ARRAY[to_jsonb(name)];
CREATE INDEX names_doc ON names (doc);
CREATE UNIQUE INDEX names_name ON names (name);
CREATE INDEX names_code ON names (code);
CREATE INDEX names_note ON names (note);
CREATE INDEX names_n ON names (n);
CREATE INDEX "names ""brin""" ON names USING brin (name);
`;

/** How many of 200 names the index finds. */
export const lookUps = `SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(*) FROM (SELECT (SELECT count(*) FROM names n WHERE n.name = s.name) AS found
  FROM (SELECT name FROM (SELECT name, row_number() OVER () AS r FROM names) x
         WHERE r % 100 = 0 OFFSET 0) s) f WHERE found = 1`;

/** A step's script for a primary of the lab: through its socket, or over TCP as in `up`. */
export function script(
  lab: Lab,
  step: StepName,
  values: StepValues = {},
  host = "/run/pg/primary",
  superuserPassword = lab.secrets.superuser,
) {
  const settings = {
    stack: "laterbase/test#0a1b2c3d",
    role: "laterbase_test",
    host,
    port: 5432,
    superuser: "postgres",
    superuserPassword: host.startsWith("/") ? "" : superuserPassword,
    database: "postgres",
    version: lab.major,
    transport: { kind: "sql" as const },
  };
  const verifier = scramVerifier("irrelevant", Buffer.alloc(16, 5));
  return stepScript(step, settings, { verifier, ...values });
}

/** The output of a step on a primary of the lab. */
export function step(
  lab: Lab,
  primary: Box,
  name: StepName,
  mode = "apply",
  values: StepValues = {},
) {
  const input = script(lab, name, values);
  return ok("docker", ["exec", "-i", primary.name, "bash", "-s", "--", mode], { input });
}

/**
 * `scripts/steps/collationCheck.ts` as `up` runs it.
 *
 * @param superuserPassword of the primary. Default: the one that the lab gave it
 */
export async function check(lab: Lab, standby: Box, superuserPassword?: string): Promise<Ran> {
  const input = JSON.stringify({
    script: script(lab, "amcheck", { standby: "standby" }, "primary", superuserPassword),
    place: { host: "", image: (await build(lab.major)).tag, network: lab.name },
  });
  const args = ["--import", "tsx", "scripts/steps/collationCheck.ts", standby.name];
  return run(process.execPath, args, { input, env: { LATERBASE_ENGINE: "" } });
}
