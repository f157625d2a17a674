import type Docker from "dockerode";
import { renderServerConf } from "../components/kit/serverConf";
import { containerName } from "../contract/names";
import { run, type Upload } from "./container";
import type { Lab } from "./lab";
import { until } from "./until";

/** A standby of the lab. Its slot and its application_name have the same name. */
export interface LabStandby {
  name: string;
  container: Docker.Container;
}

/** The primary's host name in the lab's network. */
const named = ({ prefix }: Lab) => containerName(prefix, "primary");

/** Starts a standby as a stack does: our entry point clones, verifies, starts and supervises. */
export async function startOurs(
  lab: Lab,
  name: string,
  host = named(lab),
  files: readonly Upload[] = [],
): Promise<LabStandby> {
  await makeSlot(lab, name);
  const container = await run(lab.engine, {
    name: containerName(lab.prefix, name),
    image: lab.image,
    network: lab.network,
    volumes: ["/var/lib/postgresql/standby", "/run/pg/standby"],
    command: ["standby"],
    healthcheck: true,
    env: {
      PRIMARY_HOST: host,
      PRIMARY_PORT: "5432",
      REPLICATION_USER: lab.replication.user,
      SLOT: name,
      STANDBY_NAME: name,
      SUPERUSER: "postgres",
      CLIENT_AUTH: "scram-sha-256",
      TABLESPACES: "{}",
    },
    uploads: [...uploads(lab), ...files],
  });
  return { name, container };
}

/** Starts a standby by hand, with PostgreSQL's own tools on the same image. */
export async function startByHand(lab: Lab, name: string, host = named(lab)): Promise<LabStandby> {
  await makeSlot(lab, name);
  const primary = `host=${host} user=${lab.replication.user}`;
  const container = await run(lab.engine, {
    name: containerName(lab.prefix, name),
    image: lab.image,
    network: lab.network,
    volumes: ["/var/lib/postgresql/standby", "/run/pg/standby"],
    command: [
      "bash",
      "-c",
      `set -e
      data=/var/lib/postgresql/standby/data
      if [ ! -e $data ]; then
        pg_basebackup -d "${primary} passfile=/etc/laterbase/pgpass application_name=${name}" \\
          -D $data -S ${name} -X stream -c fast -R
        pg_verifybackup $data
      fi
      exec postgres -D $data -c config_file=/etc/laterbase/postgresql.conf \\
        -c hba_file=$data/pg_hba.conf -c ident_file=$data/pg_ident.conf \\
        -c unix_socket_directories=/run/pg/standby`,
    ],
    uploads: uploads(lab),
  });
  return { name, container };
}

/** Waits until the standby has replayed everything that the primary has written. Returns the time. */
export async function caughtUp({ sql }: Lab, { name }: LabStandby, seconds = 900): Promise<number> {
  await until(`${name} has caught up`, seconds, async () => {
    const { rowCount } = await sql.query(
      `SELECT FROM pg_stat_replication
       WHERE application_name = $1 AND state = 'streaming' AND replay_lsn >= pg_current_wal_lsn()`,
      [name],
    );
    return rowCount ? true : undefined;
  });
  return performance.now();
}

/** Removes a standby with its data and its slot. */
export async function discard({ sql }: Lab, { name, container }: LabStandby): Promise<void> {
  await container.remove({ force: true, v: true });
  await until(`the slot of ${name} is free`, 60, async () => {
    const { rowCount } = await sql.query(
      "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active",
      [name],
    );
    return rowCount ? true : undefined;
  });
}

async function makeSlot({ sql }: Lab, name: string): Promise<void> {
  await sql.query("SELECT pg_create_physical_replication_slot($1, true)", [name]);
}

/** Both sides get the same settings, because the bench compares our entry point, not settings. */
function uploads({ replication }: Lab) {
  return [
    { name: "pgpass", content: `*:*:*:${replication.user}:${replication.password}\n` },
    { name: "postgresql.conf", content: renderServerConf({ timeZone: "Etc/UTC" }) },
  ];
}
