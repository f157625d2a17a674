import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { Client } from "pg";
import { exec, publishedPort, run } from "./container";
import { until } from "./until";
import { cpuShares } from "../components/primary/primary";
import { renderPrimaryConf } from "../components/primary/primaryConf";
import { containerName } from "../contract/names";
import { postgresImage } from "../images/build";
import { connect } from "../scripts/engine/connect";
import { builtImage } from "../test/support/builtImage";

/** A primary from our image, with a role for standbys, in its own network. */
export interface Lab {
  engine: Docker;
  image: string;
  prefix: string;
  /** PostgreSQL's major version. */
  major: number;
  /** The superuser's password. */
  password: string;
  network: string;
  primary: Docker.Container;
  /** The superuser's connection from this machine. */
  sql: Client;
  replication: { user: string; password: string };
}

/** The name of the replication role and of the database. */
const user = "bench";

/** Makes a lab, calls `body` with it, and removes the lab, also after an error or Ctrl-C. */
export async function withLab<T>(
  say: (line: string) => void,
  body: (lab: Lab) => Promise<T>,
  major = 17,
): Promise<T> {
  const engine = connect({});
  const image = await builtImage(engine, postgresImage(major), say);
  const prefix = `lbb-${randomBytes(4).toString("hex")}`;
  const interrupted = () => void cleanUp(engine, prefix).finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  let sql: Client | undefined;
  try {
    await engine.createNetwork({ Name: prefix });
    const password = randomBytes(16).toString("hex");
    const primary = await startPrimary(engine, image, prefix, password);
    sql = await superuser(await publishedPort(primary), password);
    const replication = { user, password: randomBytes(16).toString("hex") };
    const servers = { engine, image, prefix, major, network: prefix, primary };
    const lab: Lab = { ...servers, password, sql, replication };
    await prepare(lab);
    return await body(lab);
  } finally {
    await sql?.end().catch(() => undefined);
    await cleanUp(engine, prefix);
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

/** Fills the database `bench`; a unit of pgbench's scale is about 15 MB. */
export async function fill(lab: Lab, scale: number): Promise<void> {
  await pgbench(lab, ["-i", "-I", "dtGvp", "-q", "-s", String(scale)]);
  await lab.sql.query("CHECKPOINT");
}

/** Runs pgbench inside the primary's container, over its socket. */
export async function pgbench(lab: Lab, options: string[]): Promise<string> {
  return exec(lab.primary, [
    "pgbench",
    "-h",
    "/run/pg/primary",
    "-U",
    "postgres",
    ...options,
    user,
  ]);
}

function startPrimary(engine: Docker, image: string, prefix: string, password: string) {
  return run(engine, {
    name: containerName(prefix, "primary"),
    image,
    network: prefix,
    command: ["primary"],
    cpuShares,
    volumes: ["/var/lib/postgresql/primary", "/run/pg/primary"],
    env: { DATABASES: JSON.stringify([user]) },
    publish: true,
    uploads: [
      { name: "superuser-password", content: password },
      {
        name: "postgresql.conf",
        content: renderPrimaryConf({ timeZone: "Etc/UTC" }),
      },
    ],
  });
}

/** Connects as soon as the server accepts it. Until then it refuses, because it is starting. */
async function superuser(port: number, password: string): Promise<Client> {
  return until("the primary answers", 120, async () => {
    const client = new Client({
      host: "127.0.0.1",
      port,
      user: "postgres",
      password,
      database: user,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch {
      return undefined;
    }
  });
}

async function prepare({ sql, primary, replication }: Lab): Promise<void> {
  // The password is hexadecimal, so it needs no quoting.
  await sql.query(
    `CREATE ROLE ${replication.user} REPLICATION LOGIN PASSWORD '${replication.password}'`,
  );
  const { rows } = await sql.query<{ hba_file: string }>("SHOW hba_file");
  const line = `host replication ${replication.user} samenet scram-sha-256`;
  await exec(primary, ["bash", "-c", 'echo "$1" >>"$2"', "-", line, rows[0]?.hba_file ?? ""]);
  await sql.query("SELECT pg_reload_conf()");
}

/** Removes all containers and networks whose names begin with the prefix, with their volumes. */
async function cleanUp(engine: Docker, prefix: string): Promise<void> {
  const filters = { name: [prefix] };
  for (const { Id } of await engine.listContainers({ all: true, filters })) {
    await engine.getContainer(Id).remove({ force: true, v: true }).catch(unlessGone);
  }
  for (const { Id } of await engine.listNetworks({ filters })) {
    await engine.getNetwork(Id).remove().catch(unlessGone);
  }
}

/** After Ctrl-C two clean-ups run at once, and each may miss what the other has removed. */
function unlessGone(error: Error & { statusCode?: number }): void {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
