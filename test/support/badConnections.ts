import { e, m } from "./badConfigs";

/** The same as `badConfigs` for the pooler and pgAdmin. */
export function badConnections(file: string): [string, Record<string, unknown>, string[]][] {
  const set = ` (set in ${file}).`;
  const pooler = (change: object, primary: object = {}) => ({
    ...m(primary),
    pooler: { port: 6432, ...change },
  });
  const pgAdmin = (change: object) => ({
    ...m({}),
    pgAdmin: { port: 5050, email: "me@example.com", ...change },
  });
  return [
    [
      "a mode that is none",
      pooler({ mode: "statement" }),
      [
        `laterbase:pooler.mode must be "transaction" (a server connection is handed on after each transaction) or "session" (when its client leaves); it is "statement"${set}`,
      ],
    ],
    [
      "pools that exceed what they may have together",
      pooler({ poolSize: 60 }),
      [
        `laterbase:pooler asks for 120 server connections in 2 pools (one for each database and its standby), more than laterbase:pooler.maxServerConnections, which is 100; set poolSize to at most 50, or maxServerConnections to at least 120${set}`,
      ],
    ],
    [
      "pools that exceed max_connections",
      pooler({ poolSize: 45 }, { maxConnections: 50 }),
      [
        `laterbase:primary.maxConnections must be at least 56: the pools take 46 of them and PostgreSQL needs 10 beside; it is 50${set}`,
      ],
    ],
    [
      "a database that the pooler's console is named like",
      pooler({}, { databases: ["pgbouncer"] }),
      [
        `laterbase:primary.databases names "pgbouncer", which a pooler keeps for itself; rename the database or leave laterbase:pooler out${set}`,
      ],
    ],
    [
      "a database that is named like another one's entry for the standby",
      pooler({}, { databases: ["app", "app_ro"] }),
      [
        `laterbase:primary.databases names "app", which shares an entry of the pooler with "app_ro" (letters, digits, _, . and - are told apart there, and _ro is added for the standby); rename one or leave laterbase:pooler out${set}`,
      ],
    ],
    [
      "a pool for a database that does not exist",
      pooler({ databases: { jobs: { mode: "session" } } }),
      [
        `laterbase:pooler.databases names "jobs", which laterbase:primary.databases does not; there are mfi_banking${set}`,
      ],
    ],
    [
      "a pooler for databases without names",
      { ...e({ databases: "*" }), pooler: { port: 6432 } },
      [
        `laterbase:primary.databases must name the databases where laterbase:pooler is set, such as [app], because each gets a pool of its own; it is "*"${set}`,
      ],
    ],
    [
      "a pooler on the primary's port",
      pooler({ port: 8008 }),
      [`laterbase:pooler has the port 8008 of laterbase:primary; each needs its own${set}`],
    ],
    [
      "a page's name with a scheme and a port",
      pgAdmin({ hostNames: ["http://nas.local:5050"] }),
      [
        `laterbase:pgAdmin.hostNames[0] must be a host name or an IP address without scheme and port, such as 192.168.1.20; it is "http://nas.local:5050"${set}`,
      ],
    ],
    [
      "one name of a page that is no list",
      pgAdmin({ hostNames: "nas.local" }),
      [
        `laterbase:pgAdmin.hostNames must be a list of host names, such as [nas.local]; it is "nas.local"${set}`,
      ],
    ],
    [
      "a pgAdmin whose superuser is neither true nor false",
      pgAdmin({ superuser: "yes" }),
      [`laterbase:pgAdmin.superuser must be true or false; it is "yes"${set}`],
    ],
    [
      "an e-mail address that pgAdmin refuses",
      pgAdmin({ email: "me@studio.local" }),
      [
        `laterbase:pgAdmin.email must be an e-mail address in an ordinary domain, such as me@example.com, because pgAdmin refuses .local as a login; it is "me@studio.local"${set}`,
      ],
    ],
  ];
}
