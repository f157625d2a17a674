import type { Manifest } from "../../../contract/manifest";

/** A manifest with every key, as the dump of a standby writes it. */
export const wholeManifest: Manifest = {
  format: 1,
  stack: "dev",
  takenAt: "2026-11-21T03:00:00.000Z",
  database: {
    name: 'My Library "2024" é',
    owner: "it's",
    encoding: "UTF8",
    collate: "en_US.utf8",
    ctype: "C",
    localeProvider: "i",
    locale: "de-AT",
    icuRules: "& a < g",
    collationVersion: "153.121",
    tablespace: "fast disk",
    isTemplate: false,
    securityLabels: [{ provider: "dummy", label: "it's 'secret'" }],
    comment: "it's \\ a comment",
    connectionLimit: -1,
    privileges: [{ grantee: "public", grantor: "it's", privilege: "CONNECT", grantable: false }],
    settings: [{ role: null, name: "app.tenant", value: "'; DROP" }],
    valueSettings: { lc_monetary: "de_DE.utf8", TimeZone: "Europe/Berlin" },
  },
  source: {
    server: "standby",
    version: "17.6",
    systemIdentifier: "7412345678901234567",
    replayedTo: "0/3000148",
    replayedAt: "2026-11-21T02:59:59.123Z",
    insteadOf: "No standby runs on the agent's own engine.",
  },
  role: { name: "laterbase_dev_dumps", superuser: false, why: "It reads." },
  tool: "pg_dump (PostgreSQL) 17.6",
  files: [
    { kind: "dump", name: "-x %2F é.backup", bytes: 3, sha256: "ab".repeat(32) },
    { kind: "globals", name: "globals.sql", bytes: 0, sha256: "0".repeat(64) },
  ],
  tables: [
    {
      schema: "public",
      name: "t",
      rows: 2,
      checksum: "-123456789012345678901",
      algorithm: "record",
    },
    { schema: "public", name: "far", rows: 0, checksum: null, algorithm: "text" },
  ],
  materializedViews: [
    { schema: "public", name: "daily", rows: 3, checksum: "5", algorithm: "record" },
    { schema: "public", name: "indexed", rows: 0, checksum: null, algorithm: "record" },
  ],
  sequences: [{ schema: "public", name: "s", value: "-9223372036854775808", called: true }],
  largeObjects: { count: 1, checksum: "7" },
  leftOut: [{ what: "rows of public.far", why: "it is a foreign table" }],
  databasesLeftOut: [{ what: 'the database "closed"', why: "it accepts no connections" }],
};
