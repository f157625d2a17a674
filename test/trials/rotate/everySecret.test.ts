import { PooledLoad } from "../../support/pooledLoad";
import { until } from "../../support/process";
import { sql, Stack } from "../../support/stack";

// Every secret of a stack that has all of them is replaced twice by the operator's command, while clients work through
// the pooler without a break. Their old values are tried after each rotation: none is valid.
const stack = new Stack("t-secrets");
const port = {
  direct: 18441,
  standby: 18442,
  pooled: 18443,
  pgAdmin: 18444,
  duplicati: 18445,
  s3: 18446,
};
jest.setTimeout(900_000);

interface Outputs {
  connections: { app: Record<"direct" | "pooled" | "standby", string> };
  pooler: { admin: { name: string; password: string }; stats: { name: string; password: string } };
  pgAdmin: { url: string; email: string; password: string };
  duplicati: { url: string; password: string };
}

beforeAll(async () => {
  await stack.configure({
    primary: { kind: "managed", version: 17, port: port.direct, databases: ["app"] },
    applications: { jarvis: { database: "app" } },
    standbys: [{ name: "standby", port: port.standby }],
    pooler: { port: port.pooled, poolSize: 10 },
    pgAdmin: { port: port.pgAdmin, email: "me@example.com" },
    dumps: { schedule: "0 0 1 1 *", retentionDays: 1, retentionCount: 2 },
    duplicati: { port: port.duplicati, target: "file:///archive", schedule: "0 0 1 1 *" },
    objectStore: { port: port.s3, bucket: "backups" },
    backups: { repositories: [{ type: "objectStore" }], archiveTimeout: "10s" },
  });
  await stack.up();
  const { connections } = await stack.outputs<Outputs>();
  await sql(
    connections.app.direct,
    "create table counters as select id, 0 as n from generate_series(0, 199) id",
  );
}, 900_000);

afterAll(() => stack.remove(), 300_000);

const at = (user: string, password: string, place: number, database = "app") =>
  `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${place}/${database}`;

/** Whether a login works. */
const logsIn = (uri: string) =>
  sql(uri, "select 1").then(
    () => true,
    (error: Error) => {
      expect(error.message).toMatch(/password|SASL/);
      return false;
    },
  );

/** Whether PgBouncer's console takes a login. It knows no question that pg asks first, so psql asks. */
async function console_({ name, password }: { name: string; password: string }): Promise<boolean> {
  const uri = `postgresql://${name}:${password}@pooler:6432/pgbouncer`;
  const said = await stack.inContainer("primary", ["psql", "-XAtqc", "SHOW VERSION", uri]);
  if (said.code !== 0) expect(said.stderr).toMatch(/SASL authentication failed/);
  return said.code === 0;
}

async function replicates(password: string): Promise<boolean> {
  const uri = "host=primary user=laterbase_t_secrets replication=true dbname=replication";
  const words = [
    "bash",
    "-c",
    'PGPASSWORD=$1 psql -XAtqwc IDENTIFY_SYSTEM "$2"',
    "-",
    password,
    uri,
  ];
  const said = await stack.inContainer("standby", words);
  if (said.code !== 0) expect(said.stderr).toContain("password authentication failed");
  return said.code === 0;
}

/** Whether pgAdmin's page takes a password. */
async function opensPgAdmin(password: string): Promise<boolean> {
  const page = `http://127.0.0.1:${port.pgAdmin}`;
  const first = await fetch(`${page}/login?next=/`);
  const cookies = first.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const text = await first.text();
  const token = /csrfToken["']?\s*[:=]\s*["']([^"']+)/.exec(text)?.[1] ?? "";
  const body = new URLSearchParams({ email: "me@example.com", password, csrf_token: token });
  const answer = await fetch(`${page}/authenticate/login`, {
    ...{ method: "POST", redirect: "manual", body },
    headers: { cookie: cookies, "X-pgA-CSRFToken": token },
  });
  const place = answer.headers.get("location") ?? "";
  expect(answer.status).toBe(302);
  return !place.includes("/login");
}

async function opensDuplicati(password: string): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port.duplicati}/api/v1/auth/login`, {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    body: JSON.stringify({ Password: password, RememberMe: false }),
  });
  return answer.status === 200;
}

/** Whether keys open the object store: pgBackRest in the agent lists with them. */
async function opensStore(keys: { access: string; secret: string }): Promise<boolean> {
  const script = `cp -r /etc/pgbackrest "$1" && cd "$1" && f=$(grep -lr s3-key= . | head -n 1) &&
    sed -i "s|^\\(repo1-s3-key=\\).*|\\1$2|; s|^\\(repo1-s3-key-secret=\\).*|\\1$3|" $(grep -lr 's3-key' .) &&
    pgbackrest --config="$1/pgbackrest.conf" --config-include-path="$1/conf.d" --repo=1 \
      --log-level-console=off --log-level-stderr=error repo-ls`;
  const words = ["bash", "-c", script, "-", `/tmp/k${Math.random()}`, keys.access, keys.secret];
  const said = await stack.inContainer("agent", words);
  if (said.code !== 0)
    expect(said.stdout + said.stderr).toMatch(
      /InvalidAccessKeyId|SignatureDoesNotMatch|XAdminUserNotFound/,
    );
  return said.code === 0;
}

type Secrets = Record<string, string>;

/** Whether the secrets of a moment are valid, by the name that `rotate` has for them. */
const valid: Record<string, (known: Secrets, outputs: Outputs) => Promise<boolean[]>> = {
  jarvis: (_known, { connections }) =>
    Promise.all(
      Object.values(connections.app)
        .filter((uri) => typeof uri === "string")
        .map(logsIn),
    ),
  superuser: (known) => {
    const password = newest(known, "primary-superuser");
    return Promise.all(
      [port.direct, port.standby, port.pooled].map((place) =>
        logsIn(at("postgres", password, place)),
      ),
    );
  },
  replication: async (known) => [await replicates(newest(known, "preparation-password"))],
  dumps: async (known) => [
    await logsIn(
      at("laterbase_t_secrets_dumps", newest(known, "preparation-dumps-password"), port.direct),
    ),
  ],
  pooler: (_known, { pooler }) => Promise.all([console_(pooler.admin), console_(pooler.stats)]),
  pgadmin: async (known, { pgAdmin }) => [
    await opensPgAdmin(pgAdmin.password),
    await logsIn(
      at("laterbase_t_secrets_pgadmin", newest(known, "preparation-pgAdmin-password"), port.direct),
    ),
  ],
  duplicati: async (_known, { duplicati }) => [await opensDuplicati(duplicati.password)],
  objectStore: async (known) => [
    await opensStore({
      access: newest(known, "object-store-access-key"),
      secret: newest(known, "object-store-secret-key"),
    }),
  ],
};

/** The password of the greatest number. */
function newest(known: Secrets, first: string): string {
  const number = (name: string) => Number(name.slice(first.length + 1) || 0);
  const own = Object.keys(known).filter(
    (name) => name === first || (/^-\d+$/.test(name.slice(first.length)) && name.startsWith(first)),
  );
  return known[own.toSorted((a, b) => number(b) - number(a))[0]!]!;
}

const moment = async () => [await stack.passwordsByName(), await stack.outputs<Outputs>()] as const;

it.each(Object.keys(valid))(
  "replaces %s twice under load: the old one is refused, no transaction fails",
  async (secret) => {
    const asks = valid[secret]!;
    const [known, outputs] = await moment();
    const { pooled } = outputs.connections.app;
    const load = new PooledLoad()
      .add("writer", pooled, 20, "update counters set n = n + 1 where id = $1")
      .add("thinker", pooled, 40, "update counters set n = n + 1 where id = 50 + $1::int", 3000)
      .add("reader", `${pooled}_ro`, 10, "select n from counters where id = $1")
      .add(
        "superuser",
        at("postgres", newest(known, "primary-superuser"), port.pooled),
        5,
        "update counters set n = n + 1 where id = 150 + $1::int",
      );
    await load.works();
    expect(await asks(known, outputs)).not.toContain(false);
    let before = [known, outputs] as const;
    for (const number of [1, 2]) {
      const { code, stdout, stderr } = await stack.laterbase("--json", "rotate", secret, "--yes");
      if (code !== 0) throw new Error(stderr);
      expect(JSON.parse(stdout)).toMatchObject({ secret, rotation: number });
      expect(await asks(...before)).not.toContain(true);
      before = await moment();
      expect(await asks(...before)).not.toContain(false);
    }
    expect(await load.end()).toEqual([]);
    expect(load.done).toBeGreaterThan(500);
  },
);

it("has nothing to change, dumps, archives and streams", async () => {
  expect((await stack.wrapped("preview")).stdout).toContain("Nothing changes in stack t-secrets.");
  for (const words of [["dump"], ["check"], ["upload"]]) {
    const { code, stdout, stderr } = await stack.laterbase(...words);
    expect([words, code, code === 0 ? "" : stdout + stderr]).toEqual([words, 0, ""]);
  }
  const [known] = await moment();
  const uri = at("postgres", newest(known, "primary-superuser"), port.direct);
  await until("the standby streams", async () => {
    const found = await sql(uri, "select 1 from pg_stat_replication where state = 'streaming'");
    return found.length === 1;
  });
});

it("unprotects the secret before the last, so that the next rotation can delete it", async () => {
  const { deployment } = JSON.parse(await stack.state()) as {
    deployment: { resources: { urn: string; protect?: boolean }[] };
  };
  const known = new Map(
    deployment.resources.map(({ urn, protect }) => [urn.split("::").at(-1), protect === true]),
  );
  for (const name of ["primary-superuser", "pgadmin-password", "object-store-secret-key"]) {
    expect([name, `${name}-1`, `${name}-2`].map((one) => known.get(one))).toEqual([
      true,
      false,
      true,
    ]);
  }
});

it("has no secret in clear in its state", async () => {
  const text = await stack.state();
  for (const password of await stack.generatedPasswords()) expect(text).not.toContain(password);
});
