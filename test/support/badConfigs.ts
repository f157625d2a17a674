/** A complete configuration of each kind. The tests break one key at a time. */
export const managed = { kind: "managed", version: 17, port: 8008, databases: ["mfi_banking"] };
export const external = {
  kind: "external",
  host: "192.168.1.20",
  version: 13,
  superuser: { password: "Tr0ub4dor" },
  databases: ["ResolveProjects"],
  allowFrom: ["192.168.1.0/24"],
};
export const ssh = {
  kind: "ssh",
  user: "admin",
  privateKey: "PRIVATE",
  hostKey: "ssh-ed25519 AAAA",
};
export const standbys = [{ name: "standby", port: 5433 }];

const port = "must be a whole number from 1 to 65535, such as 5432";

export const m = (change: object) => ({ primary: { ...managed, ...change }, standbys });
export const e = (change: object) => ({ primary: { ...external, ...change }, standbys });
const without = (key: keyof typeof managed) => m({ [key]: undefined });

/** What is wrong, the configuration, and the sentences that a person must read. */
export function badConfigs(file: string): [string, Record<string, unknown>, string[]][] {
  const set = ` (set in ${file}).`;
  return [
    [
      "an unknown key",
      { ...m({}), standbies: [] },
      [
        "laterbase:standbies is unknown (did you mean standbys?); the known keys are dockerHost, timeZone, bindAddress, " +
          `primary, applications, standbys, pooler, pgAdmin, dumps, backups, objectStore, duplicati, health, images, rotations${set}`,
      ],
    ],
    [
      "no primary",
      { standbys },
      [
        `laterbase:primary must be an object such as { kind: "external", host: 192.168.1.20, … }; it is not set${set}`,
      ],
    ],
    [
      "another kind",
      { primary: { kind: "cloud" }, standbys },
      [
        `laterbase:primary.kind must be "managed" (Laterbase runs it) or "external" (you run it)${set}`,
      ],
    ],
    [
      "a managed primary without version",
      without("version"),
      [
        `laterbase:primary.version must be PostgreSQL's major version: 13, 14, 15, 16, 17 or 18; it is not set${set}`,
      ],
    ],
    [
      "a version of the past",
      m({ version: 12 }),
      [
        `laterbase:primary.version must be PostgreSQL's major version: 13, 14, 15, 16, 17 or 18; it is 12${set}`,
      ],
    ],
    [
      "a port out of range",
      m({ port: 70000 }),
      [`laterbase:primary.port ${port}; it is 70000${set}`],
    ],
    [
      "a port in words",
      m({ port: "http" }),
      [`laterbase:primary.port ${port}; it is "http"${set}`],
    ],
    [
      "no database",
      m({ databases: [] }),
      [`laterbase:primary.databases must name at least one database, such as [mfi_banking]${set}`],
    ],
    [
      "a template database",
      m({ databases: ["template1"] }),
      [
        `laterbase:primary.databases[0] must not be a template database; name one with your data, such as ResolveProjects; it is "template1"${set}`,
      ],
    ],
    [
      "a database named twice",
      m({ databases: ["a", "a"] }),
      [`laterbase:primary.databases names "a" twice; once is enough${set}`],
    ],
    [
      "a host for a managed primary",
      m({ host: "nas" }),
      [
        `laterbase:primary.host is unknown; the known keys are kind, version, port, databases, initScripts, maxConnections, memory, settings, extensions, superuser, allowFrom, slotRetention${set}`,
      ],
    ],
    [
      "too few connections",
      m({ maxConnections: 3 }),
      [
        `laterbase:primary.maxConnections must be a whole number from 10 to 10000, such as 200; it is 3${set}`,
      ],
    ],
    [
      "memory below what works",
      m({ memory: "512MB" }),
      [
        `laterbase:primary.memory must be at least 1456MB, so that 100 connections have room; it is 512MB${set}`,
      ],
    ],
    [
      "memory below what works for the connections of the primary",
      {
        ...m({ maxConnections: 200 }),
        standbys: [{ ...standbys[0], memory: "1GB" }],
      },
      [
        `laterbase:standbys[0].memory must be at least 2656MB, so that 200 connections have room; it is 1GB${set}`,
      ],
    ],
    [
      "settings of ours",
      m({ settings: { port: 1, Shared_Buffers: "1GB", include: "/x", ssl_ca_file: "x" } }),
      [
        `laterbase:primary.settings.port must not be set here; use laterbase:primary.port${set}`,
        `laterbase:primary.settings.Shared_Buffers must not be set here; use laterbase:primary.memory${set}`,
        `laterbase:primary.settings.include must not be set, because it is no parameter: it includes another file${set}`,
        `laterbase:primary.settings.ssl_ca_file must not be set, because Laterbase has no certificates for its servers${set}`,
      ],
    ],
    [
      "less WAL than a server starts with",
      m({ settings: { max_wal_size: 16, Min_Wal_Size: "31MB" } }),
      [
        `laterbase:primary.settings.max_wal_size must be at least 32MB, which is two WAL segments; it is "16"${set}`,
        `laterbase:primary.settings.Min_Wal_Size must be at least 32MB, which is two WAL segments; it is "31MB"${set}`,
      ],
    ],
    [
      "what no container may use",
      m({ settings: { io_method: "io_uring" } }),
      [
        `laterbase:primary.settings.io_method must not be io_uring, which Docker allows in no container; PostgreSQL's default is worker${set}`,
      ],
    ],
    [
      "a setting with a line break, and one that is no value",
      m({ settings: { work_mem: "1MB\narchive_mode = off", jit: [] } }),
      [
        `laterbase:primary.settings.work_mem must be a text, a number, true or false on one line, such as 64MB; it is "1MB\\narchive_mode = off"${set}`,
        `laterbase:primary.settings.jit must be a text, a number, true or false on one line, such as 64MB${set}`,
      ],
    ],
    [
      "a setting with a line break in its name, and one that is there twice",
      m({ settings: { "a\nport": 1, work_mem: "1MB", Work_Mem: "2MB" } }),
      [
        `laterbase:primary.settings.a\\nport must be the name of a parameter of PostgreSQL, such as work_mem${set}`,
        `laterbase:primary.settings.Work_Mem is there twice; PostgreSQL takes any case${set}`,
      ],
    ],
    [
      "an extension by another name, and one twice",
      m({ extensions: ["Post GIS", "pgvector", "pgvector"] }),
      [
        `laterbase:primary.extensions[0] must be the name of a Debian package after postgresql-<version>-, such as pgvector; it is "Post GIS"${set}`,
        `laterbase:primary.extensions[2] is there twice; once is enough${set}`,
      ],
    ],
    [
      "a slot WAL limit that is nonsense",
      m({ slotRetention: "lots" }),
      [
        `laterbase:primary.slotRetention must be a size in MB, GB or TB, such as 10GB; it is "lots"${set}`,
      ],
    ],
    [
      "a slot WAL limit that limits nothing",
      m({ slotRetention: "-1" }),
      [
        `laterbase:primary.slotRetention must be a size in MB, GB or TB, such as 10GB; it is "-1"${set}`,
      ],
    ],
    [
      "a slot WAL limit below a few segments",
      m({ slotRetention: "64MB" }),
      [
        `laterbase:primary.slotRetention must be at least 256MB, such as 10GB; it is less than 16 WAL segments${set}`,
      ],
    ],
    [
      "a host with scheme",
      e({ host: "postgres://nas" }),
      [
        `laterbase:primary.host must be a host name or an IP address without scheme and port, such as 192.168.1.20; it is "postgres://nas"${set}`,
      ],
    ],
    [
      "the container's own address",
      e({ host: "localhost" }),
      [
        `laterbase:primary.host must be an address at which containers reach the primary, such as 192.168.1.20; it is localhost, which is the container itself${set}`,
      ],
    ],
    [
      "a name that only Macs hear",
      e({ host: "Studio-Mac.local" }),
      [
        `laterbase:primary.host must be an address that stays, such as 192.168.1.20, or a name that the router knows; Studio-Mac.local is announced by Bonjour, which containers do not hear${set}`,
      ],
    ],
    [
      "no password",
      e({ superuser: {} }),
      [
        `laterbase:primary.superuser.password must be set, by \`pulumi config set --secret --path 'laterbase:primary.superuser.password'\`; only access by ssh with sudo does without${set}`,
      ],
    ],
    [
      "dumps of 13 and pgAdmin's superuser without a password",
      {
        ...e({ superuser: {}, access: { ...ssh, sudo: true } }),
        ...{ dumps: {}, pgAdmin: { port: 5050, email: "me@example.com", superuser: true } },
      },
      [
        `laterbase:primary.superuser.password must be set where laterbase:dumps is and laterbase:primary.version is 13: before PostgreSQL 14 no role only reads, so dumps log in as the superuser; set it by \`pulumi config set --secret --path 'laterbase:primary.superuser.password'\`${set}`,
        `laterbase:primary.superuser.password must be set where laterbase:pgAdmin.superuser is true; set it by \`pulumi config set --secret --path 'laterbase:primary.superuser.password'\`${set}`,
      ],
    ],
    [
      "no networks",
      e({ allowFrom: [] }),
      [
        `laterbase:primary.allowFrom must name the networks that the standbys connect from, such as [192.168.1.0/24]${set}`,
      ],
    ],
    [
      "an address that is no network",
      e({ allowFrom: ["192.168.1.7"] }),
      [
        `laterbase:primary.allowFrom[0] must be a network in CIDR form, such as 192.168.1.0/24; it is "192.168.1.7"${set}`,
      ],
    ],
    [
      "ssh without host key",
      e({ access: { ...ssh, hostKey: undefined } }),
      [
        `laterbase:primary.access.hostKey must be the host key, such as "ssh-ed25519 AAAA…"; it is not set${set}`,
      ],
    ],
    [
      "a relative tablespace",
      e({ tablespaces: { fast: "srv" } }),
      [
        `laterbase:primary.tablespaces.fast must be an absolute path, such as /srv/fast; it is "srv"${set}`,
      ],
    ],
    [
      "an external primary without a standby",
      { primary: external, standbys: [] },
      [
        `laterbase:standbys must name at least one standby of an external primary, such as [{ name: standby, port: 5433 }]${set}`,
      ],
    ],
    [
      "a name that makes no slot",
      { primary: managed, standbys: [{ name: "My-Mac", port: 1 }] },
      [
        `laterbase:standbys[0].name must be a name of a–z, 0–9 and _, such as standby_2; it is "My-Mac"${set}`,
      ],
    ],
    [
      "a standby named twice",
      { primary: managed, standbys: [...standbys, { name: "standby", port: 5434 }] },
      [`laterbase:standbys names "standby" twice; a standby's name is its own${set}`],
    ],
    [
      "a standby named primary",
      { primary: managed, standbys: [{ name: "primary", port: 5433 }] },
      [
        `laterbase:standbys must not name a standby "primary", because a container of another kind has that name; choose another one, such as "standby"${set}`,
      ],
    ],
    [
      "two things on one port",
      { primary: managed, standbys: [{ name: "standby", port: 8008 }] },
      [
        `laterbase:standbys "standby" has the port 8008 of laterbase:primary; each needs its own${set}`,
      ],
    ],
    [
      "one port on overlapping addresses",
      {
        primary: external,
        standbys: [...standbys, { name: "b", port: 5433, bindAddress: "0.0.0.0" }],
      },
      [
        `laterbase:standbys "b" has the port 5433 of laterbase:standbys "standby"; each needs its own${set}`,
      ],
    ],
    [
      "a standby elsewhere of a primary that only this machine reaches",
      {
        primary: { ...managed, allowFrom: ["10.0.0.0/8"] },
        standbys: [{ name: "b", port: 5433, dockerHost: "ssh://nas" }],
      },
      [
        `laterbase:bindAddress must be an address at which the engine of standby "b" reaches the primary, such as 192.168.1.10; it is 127.0.0.1${set}`,
      ],
    ],
    [
      "an engine without scheme",
      { ...m({}), dockerHost: "nas.local" },
      [
        `laterbase:dockerHost must be the address of a Docker engine: ssh://user@host, tcp://host:port or unix:///path; it is "nas.local"${set}`,
      ],
    ],
    [
      "a time zone of nowhere",
      { ...m({}), timeZone: "Europe/Atlantis" },
      [
        `laterbase:timeZone must be an IANA time zone, such as Europe/London; it is "Europe/Atlantis"${set}`,
      ],
    ],
    [
      "a time zone in small letters, which containers would take for UTC",
      { ...m({}), timeZone: "europe/london" },
      [
        `laterbase:timeZone must be an IANA time zone, such as Europe/London; it is "europe/london"${set}`,
      ],
    ],
    [
      "an address that is none",
      { ...m({}), bindAddress: "localhost" },
      [
        `laterbase:bindAddress must be an IP address of the engine's machine, such as 127.0.0.1; it is "localhost"${set}`,
      ],
    ],
  ];
}

/** The same for dumps and their storage. */
export function badDumps(file: string): [string, Record<string, unknown>, string[]][] {
  const set = ` (set in ${file}).`;
  const dumps = (change: object) => ({ ...m({}), dumps: change });
  const duplicati = (change: object) => ({
    ...m({}),
    dumps: {},
    duplicati: { port: 8200, target: "file:///archive", ...change },
  });
  return [
    [
      "a schedule that is no cron",
      dumps({ schedule: "every hour" }),
      [
        `laterbase:dumps.schedule must be five cron fields such as "0 3 * * *" or a word such as @hourly; it is "every hour"${set}`,
      ],
    ],
    [
      "a retention of 0 days",
      dumps({ retentionDays: 0 }),
      [`laterbase:dumps.retentionDays must be at least 1, such as 7; it is 0${set}`],
    ],
    [
      "a retention of 0 dumps",
      dumps({ retentionCount: 0 }),
      [`laterbase:dumps.retentionCount must be at least 1, such as 3; it is 0${set}`],
    ],
    [
      "a relative path on another engine",
      { ...dumps({ path: "./backups" }), dockerHost: "ssh://media@nas.local" },
      [
        `laterbase:dumps.path must be an absolute path of the engine's machine, such as /srv/backups, because laterbase:dockerHost is another one; it is "./backups"${set}`,
      ],
    ],
    [
      "a dump of a database that does not exist",
      dumps({ databases: ["mfi_banking", "mfi_bankin"] }),
      [
        `laterbase:dumps.databases names "mfi_bankin", which laterbase:primary.databases does not; there are mfi_banking${set}`,
      ],
    ],
    [
      "a time limit without unit",
      dumps({ timeout: 50 }),
      [`laterbase:dumps.timeout must be a time such as 50m; it is 50${set}`],
    ],
    [
      "a limit for one database that is longer than that of the run",
      dumps({ timeout: "50m", databaseTimeout: "1h" }),
      [
        `laterbase:dumps.databaseTimeout must be at most laterbase:dumps.timeout, which is 50m; it is 1h${set}`,
      ],
    ],
    [
      "a dump that leaves more than all",
      dumps({ minFree: "95%" }),
      [
        `laterbase:dumps.minFree must be a share up to 90%, or a size in MB, GB or TB, such as 10% or 20GB; it is "95%"${set}`,
      ],
    ],
    [
      "a size without unit",
      dumps({ minFree: 10 }),
      [`laterbase:dumps.minFree must be a share or a size, such as 10% or 20GB; it is 10${set}`],
    ],
    [
      "a target without scheme",
      duplicati({ target: "nas.local/backups" }),
      [
        `laterbase:duplicati.target must be a URL with a scheme, such as s3://bucket/folder, ssh://nas.local/backups or file:///archive${set}`,
      ],
    ],
    [
      "Duplicati without dumps",
      { ...duplicati({}), dumps: undefined },
      [
        `laterbase:duplicati stores dumps: set laterbase:dumps too, such as { retentionDays: 7 }${set}`,
      ],
    ],
    [
      "Duplicati on the primary's port",
      duplicati({ port: 8008 }),
      [`laterbase:duplicati has the port 8008 of laterbase:primary; each needs its own${set}`],
    ],
  ];
}
