import { e, m } from "./badConfigs";

/** The same as `badConfigs` for applications. */
export function badApplications(file: string): [string, Record<string, unknown>, string[]][] {
  const set = ` (set in ${file}).`;
  const named = (applications: unknown, primary: object = {}) => ({ ...m(primary), applications });
  const one = (change: object) => named({ jarvis: { database: "homelab", ...change } });
  const reserved = (name: string, why: string): [string, Record<string, unknown>, string[]] => [
    `an application named ${name}`,
    named({ [name]: { database: "homelab" } }),
    [
      `laterbase:applications names "${name}", which cannot be the name of a role: ${why}; name it otherwise, such as app${set}`,
    ],
  ];
  const migrate = `laterbase:applications.jarvis.migrate must have either directory or container, which say where its command runs`;
  return [
    [
      "applications of an external primary",
      { ...e({}), applications: { jarvis: { database: "ResolveProjects" } } },
      [
        `laterbase:applications must be left out where laterbase:primary.kind is external: Laterbase makes roles for applications only on a primary that it runs${set}`,
      ],
    ],
    [
      "a list of applications",
      named([{ database: "homelab" }]),
      [
        `laterbase:applications must be an object such as { jarvis: { database: homelab_jarvis } }${set}`,
      ],
    ],
    [
      "an application without a database",
      named({ jarvis: {} }),
      [
        `laterbase:applications.jarvis.database must be the name of a database, such as ResolveProjects; it is not set${set}`,
      ],
    ],
    [
      "an unknown key of an application",
      one({ databse: "x" }),
      [
        `laterbase:applications.jarvis.databse is unknown (did you mean database?); the known keys are database, password, migrate${set}`,
      ],
    ],
    [
      "the superuser's database",
      named({ jarvis: { database: "postgres" } }),
      [
        `laterbase:applications.jarvis.database must not be "postgres", which belongs to the superuser; name one of its own, such as jarvis${set}`,
      ],
    ],
    [
      "two applications of one database",
      named({ jarvis: { database: "homelab" }, bot: { database: "homelab" } }),
      [
        `laterbase:applications.bot.database must not be "homelab", which laterbase:applications.jarvis owns; a database has one application${set}`,
      ],
    ],
    reserved("postgres", "so is the superuser named"),
    reserved("laterbase_dev", "so are Laterbase's own roles named"),
    reserved("pg_monitor", "PostgreSQL keeps it for itself"),
    reserved("public", "PostgreSQL keeps it for itself"),
    [
      "a name with a space",
      named({ "my app": { database: "homelab" } }),
      [
        `laterbase:applications names "my app", which must be a name of 1 to 63 letters, digits, _, . and -, such as jarvis: so is its role named${set}`,
      ],
    ],
    [
      "a database whose own name no role can have",
      m({ databases: ["pg_stats"] }),
      [
        `laterbase:primary.databases names "pg_stats", whose owner cannot be named so (PostgreSQL keeps it for itself); name an application for it, such as laterbase:applications: { app: { database: "pg_stats" } }${set}`,
      ],
    ],
    [
      "a database that is named like the application of another one",
      named({ mfi_banking: { database: "homelab" } }),
      [
        `laterbase:primary.databases names "mfi_banking", whose owner cannot be named so (so is the application of "homelab" named); name an application for it, such as laterbase:applications: { app: { database: "mfi_banking" } }${set}`,
      ],
    ],
    [
      "a password on two lines",
      one({ password: "a\nb" }),
      [
        `laterbase:applications.jarvis.password must be a text of 1 to 500 characters on one line; set it with \`pulumi config set --secret --path\`${set}`,
      ],
    ],
    [
      "a migration without a command",
      one({ migrate: { directory: ".." } }),
      [
        `laterbase:applications.jarvis.migrate.command must be a list of words, such as [alembic, upgrade, head]; it is not set${set}`,
      ],
    ],
    [
      "a migration's command as one text",
      one({ migrate: { command: "alembic upgrade head", directory: ".." } }),
      [
        `laterbase:applications.jarvis.migrate.command must be a list of words, such as [alembic, upgrade, head]; it is "alembic upgrade head"${set}`,
      ],
    ],
    [
      "a migration that runs nowhere",
      one({ migrate: { command: ["alembic"] } }),
      [`${migrate}; neither is set${set}`],
    ],
    [
      "a migration that runs at two places",
      one({ migrate: { command: ["alembic"], directory: "..", container: "dashboard" } }),
      [`${migrate}; both are set${set}`],
    ],
    [
      "a pool for a database that neither list names",
      { ...one({}), pooler: { port: 6432, databases: { jobs: { poolSize: 2 } } } },
      [
        `laterbase:pooler.databases names "jobs", which laterbase:primary.databases does not; there are mfi_banking, homelab${set}`,
      ],
    ],
  ];
}
