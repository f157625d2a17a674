import { parseManifest } from "../../../contract/manifestSchema";
import { wholeManifest } from "../../support/unit/wholeManifest";

const parse = (value: unknown) => parseManifest(JSON.stringify(value));

/** The whole manifest with another value at `database.name` or `files.0.name`. */
function broken(path: string, value: unknown): unknown {
  const copy = structuredClone(wholeManifest) as never;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce<any>((object, key) => object[key], copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

it("accepts what the agent writes, and leaves out what a later version adds", () => {
  expect(parse(wholeManifest)).toEqual(wholeManifest);
  expect(parse({ ...wholeManifest, later: 1 })).toEqual(wholeManifest);
});

it("accepts the manifests of earlier versions", () => {
  const { replayedTo, replayedAt, insteadOf, ...source } = wholeManifest.source;
  expect([replayedTo, replayedAt, insteadOf]).not.toContain(undefined);
  const old = {
    ...wholeManifest,
    source: { ...source, server: "primary", version: "13.16", systemIdentifier: "" },
    role: { name: "postgres", superuser: true },
    database: {
      ...wholeManifest.database,
      ...{ localeProvider: "c", locale: null, comment: null, privileges: null },
      settings: [
        { role: "x", name: "app.my-tenant", value: "" },
        { role: null, name: "app.हिन्दी €", value: "x" },
      ],
    },
  };
  expect(parse(old)).toEqual(old);
});

describe("everybody, as a grantee", () => {
  const grant = (grantee: string) => ({
    ...{ grantee, grantor: "it's", privilege: "CONNECT", grantable: false },
  });
  const parsed = (changes: object) =>
    parse({
      ...wholeManifest,
      database: { ...wholeManifest.database, privileges: [grant("PUBLIC"), grant("public")] },
      ...changes,
    });

  it("is PUBLIC in manifests of older versions, which list no sequences", () => {
    expect(parsed({ sequences: undefined })).toMatchObject({
      database: { privileges: [grant("public"), grant("public")] },
    });
  });

  it("is public in all others, where PUBLIC is a role of that name", () => {
    expect(parsed({})).toMatchObject({
      database: { privileges: [grant("PUBLIC"), grant("public")] },
    });
  });
});

const notFile = "must be the name of a file in the dump's own folder";
it.each([
  ["format", 2, "format must be 1: another version of Laterbase wrote this manifest"],
  ["stack", "", "stack must be a name, and not an empty text"],
  ["takenAt", "yesterday", "takenAt must be a time in UTC, such as 2026-11-21T03:00:00.000Z"],
  ["takenAt", "2026-11-21T03:00:00+01:00", /^takenAt must be a time in UTC/],
  ["database", null, "database must be an object"],
  ["database.name", 5, "database.name must be a text"],
  ["database.owner", "a\0b", "database.owner must be a text without a zero byte"],
  ["database.encoding", "UTF8' X", 'database.encoding must be an encoding, such as "UTF8"'],
  ["database.localeProvider", "x", 'database.localeProvider must be "b" or "c" or "i"'],
  [
    "database.connectionLimit",
    "-1; DROP TABLE x",
    "database.connectionLimit must be a whole number from -1 up",
  ],
  ["database.connectionLimit", -2, "database.connectionLimit must be a whole number from -1 up"],
  ["database.connectionLimit", 1.5, "database.connectionLimit must be a whole number from -1 up"],
  ["database.connectionLimit", 2 ** 31, /^database.connectionLimit must be a whole number/],
  [
    "database.privileges.0.privilege",
    "CONNECT ON DATABASE a TO b; --",
    'database.privileges[0].privilege must be "CONNECT" or "CREATE" or "TEMPORARY"',
  ],
  [
    "database.privileges.0.grantable",
    "yes",
    "database.privileges[0].grantable must be true or false",
  ],
  [
    "database.settings.0.name",
    'x" TO 1; --',
    "database.settings[0].name must be the name of a setting, such as work_mem or app.tenant",
  ],
  ["database.settings", {}, "database.settings must be a list"],
  ["database.icuRules", 5, "database.icuRules must be a text"],
  ["database.tablespace", "", "database.tablespace must be a name, and not an empty text"],
  ["database.isTemplate", "yes", "database.isTemplate must be true or false"],
  ["database.securityLabels.0.label", null, "database.securityLabels[0].label must be a text"],
  ["database.valueSettings.TimeZone", 1, "database.valueSettings.TimeZone must be a text"],
  ["sequences.0.value", "1; DROP", "sequences[0].value must be a whole number in digits"],
  ["sequences.0.value", 1, "sequences[0].value must be a whole number in digits"],
  ["sequences.0.called", "t", "sequences[0].called must be true or false"],
  ["materializedViews.0.rows", -1, "materializedViews[0].rows must be a whole number from 0 up"],
  ["source.server", "other", 'source.server must be "primary" or "standby"'],
  ["source.version", "17; x", 'source.version must be a version, such as "17.6"'],
  ["source.replayedTo", "x", 'source.replayedTo must be an LSN, such as "0/3000148"'],
  ["source.insteadOf", null, "source.insteadOf must be a text"],
  ["role.superuser", 1, "role.superuser must be true or false"],
  ["files", [], 'files must name one file of the kind "dump"'],
  ["files.1.kind", "dump", 'files must name one file of the kind "dump"'],
  ["files.0.kind", "other", 'files[0].kind must be "dump" or "globals" or "plain"'],
  ["files.0.name", "../../etc/passwd", `files[0].name ${notFile}`],
  ["files.0.name", "a/b", `files[0].name ${notFile}`],
  ["files.0.name", "..", `files[0].name ${notFile}`],
  ["files.0.name", "", `files[0].name ${notFile}`],
  ["files.0.name", "a\nb", `files[0].name ${notFile}`],
  ["files.0.bytes", -1, "files[0].bytes must be a whole number from 0 up"],
  ["files.0.sha256", "AB".repeat(32), /^files\[0\].sha256 must be a SHA-256/],
  ["tables.0.rows", -1, "tables[0].rows must be a whole number from 0 up"],
  ["tables.0.rows", "2", "tables[0].rows must be a whole number from 0 up"],
  ["tables.0.algorithm", "md5", 'tables[0].algorithm must be "record" or "text"'],
  ["tables.0.checksum", "x", "tables[0].checksum must be a sum in digits"],
  ["tables.0.schema", undefined, "tables[0].schema must be a text"],
  ["largeObjects.count", null, "largeObjects.count must be a whole number from 0 up"],
  ["leftOut.0.why", 5, "leftOut[0].why must be a text"],
])("refuses %s = %j, and names the key", (path, value, problem) => {
  const found = parse(broken(path, value)) as { problem: string };
  expect(found.problem).toMatch(problem);
});

it("refuses what is no manifest", () => {
  expect(parseManifest("nothing")).toEqual({ problem: "it is not JSON" });
  expect(parseManifest("[]")).toEqual({ problem: "its content must be an object" });
});

it("has a number from 1 up and a size, or neither of them in an older version's manifest", () => {
  const numbered = { ...wholeManifest, number: 1, databaseBytes: 0 };
  expect(parse(numbered)).toEqual(numbered);
  expect(parse({ ...numbered, number: 0 })).toEqual({
    problem: "number must be a whole number from 1 up",
  });
  expect(parse({ ...numbered, databaseBytes: "1 GB" })).toEqual({
    problem: "databaseBytes must be a whole number from 0 up",
  });
});
