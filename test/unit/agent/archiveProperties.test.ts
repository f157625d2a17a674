import { readStatements } from "../../../scripts/agent/restore/archiveProperties";
import type { Entry } from "../../../scripts/agent/dump/toc";

const entry = (kind: string, name: string, definition: string) =>
  ({ kind, name, definition }) as Entry;
const db = 'DATABASE "My ""db"""';

/** As pg_dump 13 and 17 write them. */
const entries = [
  entry(
    "COMMENT",
    db,
    `COMMENT ON ${db} IS 'it''s \\ é\nALTER ${db} CONNECTION LIMIT = 1;\ntwo';\n`,
  ),
  entry(
    "DATABASE PROPERTIES",
    'My "db"',
    `ALTER ${db} CONNECTION LIMIT = 7;
ALTER ${db} IS_TEMPLATE = true;
ALTER ${db} SET search_path TO '$user', 'My "Schema"', 'public';
ALTER ${db} SET "app.tenant" TO E'it''s \\\\ "x", y;';
ALTER ${db} SET work_mem TO '77MB';
ALTER ROLE giver IN ${db} SET session_preload_libraries TO '';
ALTER ROLE "it's me" IN ${db} SET "TimeZone" TO 'Europe/Berlin';


`,
  ),
  entry(
    "ACL",
    db,
    `REVOKE CONNECT,TEMPORARY ON ${db} FROM PUBLIC;
GRANT CONNECT,TEMPORARY ON ${db} TO giver WITH GRANT OPTION;
SET SESSION AUTHORIZATION giver;
GRANT CONNECT ON ${db} TO "it's me";
RESET SESSION AUTHORIZATION;
GRANT ALL ON ${db} TO "PUBLIC";
`,
  ),
  entry("ACL", "TABLE t", "GRANT SELECT ON TABLE public.t TO nosy;"),
];

test("the statements of an archive give its database what a manifest would", () => {
  const owned = (grantee: string, privilege: string, grantor = "me", grantable = false) => ({
    ...{ grantee, grantor, privilege, grantable },
  });
  expect(readStatements("me", entries)).toEqual({
    found: {
      comment: `it's \\ é\nALTER ${db} CONNECTION LIMIT = 1;\ntwo`,
      connectionLimit: 7,
      isTemplate: true,
      settings: [
        { role: null, name: "search_path", value: '"$user", "My ""Schema""", "public"' },
        { role: null, name: "app.tenant", value: `it's \\ "x", y;` },
        { role: null, name: "work_mem", value: "77MB" },
        { role: "giver", name: "session_preload_libraries", value: "" },
        { role: "it's me", name: "TimeZone", value: "Europe/Berlin" },
      ],
      privileges: [
        ...["CREATE", "TEMPORARY", "CONNECT"].map((privilege) => owned("me", privilege)),
        owned("giver", "TEMPORARY", "me", true),
        owned("giver", "CONNECT", "me", true),
        owned("it's me", "CONNECT", "giver"),
        ...["CREATE", "TEMPORARY", "CONNECT"].map((privilege) => owned("PUBLIC", privilege)),
      ],
    },
    notRead: [],
  });
});

test("what is not understood is named, and nothing after it is read", () => {
  const label = entry("SECURITY LABEL", db, `SECURITY LABEL FOR x ON ${db} IS 'y';`);
  const odd = `ALTER ${db} SET TABLESPACE fast;\nALTER ${db} CONNECTION LIMIT = 7;`;
  const { found, notRead } = readStatements("me", [label, entry("DATABASE PROPERTIES", "db", odd)]);
  expect(notRead).toEqual(["SECURITY LABEL", "DATABASE PROPERTIES"]);
  expect(found).toEqual({ comment: null, connectionLimit: -1, privileges: null, settings: [] });
});
