import type { DatabaseProperties, DatabaseSetting } from "../../../contract/manifest";

/** What becomes of a column in a dump: the key of the manifest that carries it, or why nothing does. */
type Fate<Key> = { carriedAs: Key } | { leftOut: string };

const ofTheServer = "the server that restores counts its own transactions";

/**
 * Every column of pg_database in PostgreSQL 13 to 17. A test compares it with the catalog of each major,
 * so that nothing of a new one is lost in silence.
 */
export const databaseCatalog: Record<string, Fate<keyof DatabaseProperties>> = {
  datname: { carriedAs: "name" },
  datdba: { carriedAs: "owner" },
  encoding: { carriedAs: "encoding" },
  datlocprovider: { carriedAs: "localeProvider" },
  datcollate: { carriedAs: "collate" },
  datctype: { carriedAs: "ctype" },
  daticulocale: { carriedAs: "locale" },
  datlocale: { carriedAs: "locale" },
  daticurules: { carriedAs: "icuRules" },
  datcollversion: { carriedAs: "collationVersion" },
  datistemplate: { carriedAs: "isTemplate" },
  datconnlimit: { carriedAs: "connectionLimit" },
  dattablespace: { carriedAs: "tablespace" },
  datacl: { carriedAs: "privileges" },
  datallowconn: { leftOut: "a database without connections cannot be dumped" },
  dathasloginevt: { leftOut: "CREATE EVENT TRIGGER sets it" },
  oid: { leftOut: "the server gives the restored database a number of its own" },
  datlastsysoid: { leftOut: "it is the same number in every database of a server" },
  datfrozenxid: { leftOut: ofTheServer },
  datminmxid: { leftOut: ofTheServer },
};

/** The same for pg_db_role_setting. The rows of no database are in globals.sql. */
export const settingCatalog: Record<string, Fate<keyof DatabaseSetting>> = {
  setdatabase: { leftOut: "it is the database that is dumped" },
  setrole: { carriedAs: "role" },
  setconfig: { carriedAs: "value" },
};
