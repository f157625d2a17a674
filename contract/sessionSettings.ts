/** A setting that sessions of ours state. */
export interface SessionSetting {
  name: string;
  value: string;
  /** The first major version that has it. Default: all that Laterbase works with. */
  since?: number;
  /** Whether only a superuser may set it. Default: everybody may. */
  superuserOnly?: true;
  /** What another value could do. */
  why: string;
}

/**
 * What every session of ours states in its start packet, so that it is in force before the first
 * statement, and before anything that runs at login. It overrules postgresql.conf, ALTER DATABASE and
 * ALTER ROLE. With this search_path an unqualified name can only be found in pg_catalog, where only
 * superusers create; so the owner of a database can shadow no function, operator, type or table.
 * `session_authorization` needs no place here: the server sets it by the login, over ALTER DATABASE and ALTER ROLE.
 */
export const sessionSettings: readonly SessionSetting[] = [
  {
    name: "search_path",
    value: "pg_catalog,pg_temp",
    why: "a function in the owner's schema could stand before PostgreSQL's",
  },
  {
    name: "event_triggers",
    value: "off",
    since: 17,
    superuserOnly: true,
    why: "a trigger on login or DDL runs a function that somebody may replace",
  },
  {
    name: "restrict_nonsystem_relation_kind",
    value: "view,foreign-table",
    since: 17,
    why: "a table that the owner replaces by a view would run the view's functions (CVE-2024-7348)",
  },
  { name: "role", value: "none", why: "the session would have the rights of another role" },
  {
    name: "session_replication_role",
    value: "origin",
    superuserOnly: true,
    why: "other triggers and rules would fire",
  },
  { name: "local_preload_libraries", value: "", why: "a library would be loaded at login" },
  {
    name: "session_preload_libraries",
    value: "",
    superuserOnly: true,
    why: "a library would be loaded at login",
  },
  { name: "row_security", value: "off", why: "a policy is an error instead of fewer rows" },
  { name: "statement_timeout", value: "0", why: "it could end our work" },
  { name: "lock_timeout", value: "0", why: "it could end our work" },
  { name: "idle_in_transaction_session_timeout", value: "0", why: "it could end our work" },
  { name: "idle_session_timeout", value: "0", since: 14, why: "it could end our work" },
  { name: "transaction_timeout", value: "0", since: 17, why: "it could end our work" },
  { name: "tcp_user_timeout", value: "0", why: "it could end our connection" },
  { name: "default_transaction_read_only", value: "off", why: "our steps could change nothing" },
  {
    name: "default_transaction_isolation",
    value: "read committed",
    why: "a statement could fail because others write",
  },
  { name: "default_transaction_deferrable", value: "off", why: "a transaction could wait forever" },
  {
    name: "synchronous_commit",
    value: "local",
    why: "a commit would wait for a synchronous standby that is away",
  },
  { name: "exit_on_error", value: "off", why: "one error would end the session" },
  {
    name: "plpgsql.extra_errors",
    value: "none",
    why: "our own blocks could be refused",
  },
  {
    name: "standard_conforming_strings",
    value: "on",
    why: "quoted text would be read in another way",
  },
  { name: "array_nulls", value: "on", why: "a NULL in an array would be read as a text" },
  { name: "quote_all_identifiers", value: "off", why: "the text of a name depends on it" },
  { name: "default_tablespace", value: "", why: "what we make would be elsewhere" },
  { name: "temp_tablespaces", value: "", why: "a place for temporary files may be gone" },
  {
    name: "default_table_access_method",
    value: "heap",
    why: "what we make would be of another kind",
  },
  { name: "temp_file_limit", value: "-1", superuserOnly: true, why: "it could end our work" },
  {
    name: "track_activities",
    value: "on",
    superuserOnly: true,
    why: "nobody could see whether our work goes on",
  },
  { name: "transform_null_equals", value: "off", why: "a comparison would mean something else" },
  { name: "lc_messages", value: "C", superuserOnly: true, why: "messages are easier to look up" },
  { name: "client_min_messages", value: "error", why: "notices of others would be shown as ours" },
  { name: "DateStyle", value: "ISO, YMD", why: "the text of a value depends on it" },
  { name: "IntervalStyle", value: "postgres", why: "the text of a value depends on it" },
  { name: "TimeZone", value: "UTC", why: "the text of a value depends on it" },
  { name: "extra_float_digits", value: "3", why: "the text of a value depends on it" },
  { name: "bytea_output", value: "hex", why: "the text of a value depends on it" },
  { name: "xmloption", value: "content", why: "the text of a value depends on it" },
];

/** Whose session it is, and what is different for its purpose. */
export interface SessionPurpose {
  /** Whether the role is a superuser's. Nobody else may state a setting that is `superuserOnly`. */
  superuser: boolean;
  /**
   * Values for this purpose, instead of those of the list or in addition. A setting that is `undefined`
   * is not stated.
   */
  with?: Readonly<Record<string, string | undefined>>;
}

/**
 * Restoring and checking evaluate what the database defines: a materialized view, an index on an
 * expression. Those may read views, and a security label needs the library that the server loads.
 */
export const evaluatesDefinitions = {
  restrict_nonsystem_relation_kind: undefined,
  session_preload_libraries: undefined,
} as const;

/** The options of libpq's `options`, of PGOPTIONS and of the start packet, as one text. */
export function sessionOptions({ major, ...purpose }: SessionPurpose & { major: number }): string {
  return stated(purpose)
    .filter(({ since = 0 }) => since <= major)
    .map(option)
    .join(" ");
}

/**
 * The options for a server of any major, for a login whose rights are not known. When a server refuses
 * a login because it lacks a setting (42704) or because the role may not set it (42501), these remain,
 * and {@link lateSettings} follow in the session.
 */
export function plainSessionOptions(purpose: Pick<SessionPurpose, "with">): string {
  return sessionOptions({ ...purpose, major: 0, superuser: false });
}

/** All settings of a session, for `set_config` where pg_settings has them and the role may set them. */
export function lateSettings(purpose: SessionPurpose): Record<string, string> {
  return Object.fromEntries(stated(purpose).map(({ name, value }) => [name, value]));
}

/**
 * Lines of bash that set `variable` to the options for the server whose major is in PG_MAJOR, as it is
 * in a container of our image.
 */
export function sessionShell(variable: string, purpose: SessionPurpose): string {
  const all = stated(purpose);
  const of = (since: number | undefined) =>
    all
      .filter((setting) => setting.since === since)
      .map(option)
      .join(" ");
  const majors = [...new Set(all.flatMap(({ since }) => since ?? []))].sort((a, b) => a - b);
  return [
    `${variable}='${of(undefined)}'`,
    ...majors.map((major) => `((PG_MAJOR < ${major})) || ${variable}+=' ${of(major)}'`),
    "",
  ].join("\n");
}

/**
 * What the role that dumps has by ALTER ROLE, because it is no superuser and cannot state it itself.
 * It may read large objects of others, and it writes nothing.
 */
export function dumpRoleSettings(major: number): Record<string, string> {
  const own = sessionSettings.filter(
    ({ name, superuserOnly, since = 0 }) => superuserOnly && since <= major && !ofServer.has(name),
  );
  return {
    lo_compat_privileges: "on",
    default_transaction_read_only: "on",
    ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
  };
}

/**
 * What the role of a restore has by ALTER ROLE, as `name=value`: it is no superuser, and a setting of the dumped
 * database would hold for it too. A `temp_file_limit` would end each large index.
 */
export function restoreRoleSettings(major: number): string[] {
  return sessionSettings
    .filter(({ name, superuserOnly, since = 0 }) => {
      return superuserOnly && since <= major && !(name in evaluatesDefinitions);
    })
    .map(({ name, value }) => `${name}=${value}`);
}

/** What a role that only reads may have as the server says: it ends no dump, and changes none. */
const ofServer = new Set(["temp_file_limit", "track_activities"]);

function stated({ superuser, with: values = {} }: SessionPurpose): SessionSetting[] {
  const listed = sessionSettings.filter(({ superuserOnly }) => superuser || !superuserOnly);
  const more = Object.entries(values)
    .filter(([name]) => !sessionSettings.some((setting) => setting.name === name))
    .map(([name, value]) => ({ name, value, why: "" }));
  return [...listed, ...more].flatMap((setting) => {
    const value = setting.name in values ? values[setting.name] : setting.value;
    return value === undefined ? [] : [{ ...setting, value }];
  });
}

/** The server splits options at spaces, and a backslash takes the next character as it is. */
function option({ name, value }: Pick<SessionSetting, "name" | "value">): string {
  return `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`;
}
