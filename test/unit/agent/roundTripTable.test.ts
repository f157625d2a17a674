import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documentedKinds, kindOf } from "../../support/tocKinds";

/** Every `.description` in pg_dump of PostgreSQL 13 to 18, without those that only pg_upgrade gets. */
const KINDS = [
  ...[
    "ENCODING",
    "STDSTRINGS",
    "SEARCHPATH",
    "DATABASE",
    "DATABASE PROPERTIES",
    "SCHEMA",
    "EXTENSION",
  ],
  ...[
    "PROCEDURAL LANGUAGE",
    "ACCESS METHOD",
    "TYPE",
    "SHELL TYPE",
    "DOMAIN",
    "COLLATION",
    "CONVERSION",
  ],
  ...[
    "FUNCTION",
    "PROCEDURE",
    "AGGREGATE",
    "OPERATOR",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "CAST",
  ],
  ...["TRANSFORM", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "TEXT SEARCH DICTIONARY"],
  ...[
    "TEXT SEARCH CONFIGURATION",
    "FOREIGN DATA WRAPPER",
    "SERVER",
    "USER MAPPING",
    "FOREIGN TABLE",
  ],
  ...[
    "TABLE",
    "TABLE ATTACH",
    "TABLE DATA",
    "DEFAULT",
    "SEQUENCE",
    "SEQUENCE OWNED BY",
    "SEQUENCE SET",
  ],
  ...[
    "VIEW",
    "RULE",
    "MATERIALIZED VIEW",
    "MATERIALIZED VIEW DATA",
    "BLOB",
    "BLOB METADATA",
    "BLOBS",
  ],
  ...["CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "INDEX", "INDEX ATTACH", "STATISTICS"],
  ...["STATISTICS DATA", "TRIGGER", "POLICY", "ROW SECURITY", "EVENT TRIGGER", "PUBLICATION"],
  ...["PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA", "SUBSCRIPTION", "SUBSCRIPTION TABLE"],
  ...["ACL", "DEFAULT ACL", "COMMENT", "SECURITY LABEL"],
];

/** Folders with what decides by the kind of an entry. */
const FOLDERS = ["dump", "restore"].map((name) => join(__dirname, "../../../scripts/agent", name));

/** Words in capitals that the code compares with the kind of an entry, or looks for in a set of kinds. */
function kindsInCode(): string[] {
  const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
  const found = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(file, "utf8"))
    .flatMap((code) => {
      const compared = [...code.matchAll(/\bkind [!=]== "([A-Z ]+)"/g)].map(([, kind]) => kind!);
      const sets = [...code.matchAll(/(\w+)\.has\((?:\w+\.)*kind\)/g)].map(([, set]) => set!);
      return [...compared, ...sets.flatMap((set) => kindsOfSet(code, set))];
    });
  return [...new Set(found)];
}

function kindsOfSet(code: string, name: string): string[] {
  const list = new RegExp(
    `const ${name}\\b[^=]*= new Set(?:<string>)?\\(\\[(.*?)\\]\\);`,
    "s",
  ).exec(code)?.[1];
  return [...(list ?? "").matchAll(/"([A-Z ]+)"/g)].map(([, kind]) => kind!);
}

describe("the table of what comes back", () => {
  it("has a row for every kind of entry that pg_dump writes", () => {
    expect(documentedKinds().sort()).toEqual([...KINDS].sort());
  });

  it("has a row for every kind that the agent decides by", () => {
    const kinds = kindsInCode();
    expect(kinds).toEqual(expect.arrayContaining(["TABLE", "INDEX ATTACH", "EVENT TRIGGER"]));
    expect(kinds.filter((kind) => !documentedKinds().includes(kind))).toEqual([]);
  });

  it("knows the kind in a line of pg_restore -l", () => {
    const kinds = documentedKinds();
    expect(kindOf("3; 2615 16390 MATERIALIZED VIEW DATA s m alice", kinds)).toBe(
      "MATERIALIZED VIEW DATA",
    );
    expect(kindOf("3; 2615 16390 TABLE s DATA alice", kinds)).toBe("TABLE");
    expect(kindOf("3; 2615 16390 NOVELTY s x alice", kinds)).toBeUndefined();
    expect(kindOf(";     TOC Entries: 3", kinds)).toBeUndefined();
  });
});
