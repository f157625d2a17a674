import type Docker from "dockerode";
import { run } from "./container";
import type { Lab } from "./lab";
import { until } from "./until";
import { poolerSchema } from "../components/pgBouncer/schema";
import { renderEntries, renderIni, renderUserlist } from "../components/pgBouncer/files";
import { poolSizes } from "../components/pgBouncer/sizes";
import { containerName } from "../contract/names";
import { poolerImage } from "../images/build/pgBouncer";
import { applyFiles } from "../scripts/pooler";
import { builtImage } from "../test/support/builtImage";

/** A PgBouncer in front of the lab's primary, with its host name in the lab's network. */
export interface LabPooler {
  host: string;
  container: Docker.Container;
}

/** Makes a pooler as a stack does: the container, then the rendered configuration. */
export async function poolerOfOurs(lab: Lab, say: (line: string) => void): Promise<LabPooler> {
  const pooler = await start(lab, "ours", await builtImage(lab.engine, poolerImage(), say), [
    "pooler",
  ]);
  const primary = { host: containerName(lab.prefix, "primary"), port: 5432 };
  const config = poolerSchema.parse({ port: 6432 });
  const args = {
    pools: poolSizes(config, ["bench"]),
    maxClients: config.maxClients,
    primary,
    // No client connects to it, because both figures are about the primary.
    standby: primary,
    superuser: "postgres",
  };
  await applyFiles(lab.engine, pooler.host, {
    "pgbouncer.ini": renderIni(args),
    "userlist.txt": renderUserlist([{ name: "postgres", password: lab.password }]),
    entries: renderEntries(args),
  });
  return pooler;
}

/** The same program on the same image by hand, with the fewest settings and those that are fastest. */
export async function poolerByHand(lab: Lab, say: (line: string) => void): Promise<LabPooler> {
  const pooler = await start(
    lab,
    "by-hand",
    await builtImage(lab.engine, poolerImage(), say),
    ["pgbouncer", "/etc/laterbase/pgbouncer.ini"],
    [
      { name: "userlist.txt", content: `"postgres" "${lab.password}"\n` },
      {
        name: "pgbouncer.ini",
        content: `[databases]
bench = host=${containerName(lab.prefix, "primary")}
[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir = /run/pgbouncer
auth_type = scram-sha-256
auth_file = /etc/laterbase/userlist.txt
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 25
log_connections = 0
log_disconnections = 0
log_stats = 0
`,
      },
    ],
  );
  await until("the pooler by hand listens", 30, async () => {
    const log = await pooler.container.logs({ stdout: true, stderr: true });
    return log.toString().includes("process up") || undefined;
  });
  return pooler;
}

async function start(
  lab: Lab,
  name: string,
  image: string,
  command: string[],
  uploads: { name: string; content: string }[] = [],
): Promise<LabPooler> {
  const host = containerName(lab.prefix, name);
  const container = await run(lab.engine, {
    name: host,
    image,
    network: lab.network,
    command,
    volumes: [],
    uploads,
  });
  return { host, container };
}
