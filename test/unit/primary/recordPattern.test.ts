import { readdirSync, readFileSync } from "node:fs";
import { recordPattern } from "../../../scripts/primary/recordPattern";

const pattern = new RegExp(recordPattern);

test.each([
  '{"laterbase": 1}',
  '{"owner": "laterbase/dev#1a2b3c4d", "slots": [], "laterbase": 1}',
  '{"hba": ["10.0.0.0/8", "samenet"], "slots": ["a_slot"], "hbaGuard": true, "laterbase": 1}',
  '{"cap": {"set": 10240, "was": null, "wanted": 10240}, "laterbase": 1, "connect": [5, 16384]}',
  '{"amcheck": {"16384": {"near": 1}}, "laterbase": 1, "verifier": null}',
  '{"laterbase": 1, "application": "ö \\"x\\" \\\\ \\u0001 \\n 日"}',
])("%s may be a record", (note) => {
  expect(note).toMatch(pattern);
  expect(JSON.parse(note)).toMatchObject({ laterbase: 1 });
});

test.each([
  "",
  '{"laterbase"',
  '{"laterbase" is no JSON}',
  '{"laterbase": 1',
  '{"laterbase": 1,}',
  '{"laterbase": 1} {',
  '{"laterbase": 1 "a": 2}',
  '{"laterbase": 1, "a": [1, ]}',
  '{"laterbase": 1, "a": [1}',
  '{"laterbase": 1, "a": 01}',
  '{"laterbase": 1, "a": "\n"}',
  '{"laterbase": 1, "a": "\\x"}',
  // JSON, but no jsonb.
  '{"laterbase": 1, "a": "\\u0000"}',
  '{"laterbase": 1, "a": "\\ud800"}',
  '{"laterbase": 1, "a": 1e999999}',
  '{"a": {"laterbase": 1}}',
])("%j is none, so nothing reads it as JSON", (note) => expect(note).not.toMatch(pattern));

test("each file that reads a comment as JSON looks at the pattern first", () => {
  const folder = "scripts/primary/sql";
  const casts = /(note|comment|claim|'pg_authid'\))::jsonb/;
  const files = readdirSync(folder).filter((name) =>
    casts.test(readFileSync(`${folder}/${name}`, "utf8")),
  );
  expect(files.length).toBeGreaterThan(15);
  for (const name of files) {
    const sql = readFileSync(`${folder}/${name}`, "utf8");
    expect(sql).toMatch(/~ (pg_catalog\.)?current_setting\('laterbase\.record'\)/);
    expect(sql).not.toContain(`LIKE '{%"laterbase"`);
  }
});
