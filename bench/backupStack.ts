import { randomBytes } from "node:crypto";
import { ok } from "../test/support/process";
import { Stack } from "../test/support/stack";
import { freePorts } from "./freePorts";
import { until } from "./until";
import { thenRemoved } from "./thenRemoved";

/** A repository as a stack file has it. */
export type Repository = { type: "posix" } | { type: "objectStore" };

const psql = "psql -X -q -A -t -v ON_ERROR_STOP=1 -h /run/pg/primary -U postgres -d bench";

/** A stack of a primary that backs up, by the real program. */
export class BackupStack extends Stack {
  constructor(
    private readonly ports: number[],
    private readonly say: (line: string) => void,
  ) {
    super(`bench-${randomBytes(3).toString("hex")}`);
  }

  /** Brings the stack up with this one repository, and makes a full backup there. */
  async withRepository(repository: Repository): Promise<void> {
    const [port, storePort] = this.ports;
    this.say(`bringing up a stack with a repository of type ${repository.type}`);
    await this.configure({
      primary: { kind: "managed", version: 17, port, databases: ["bench"] },
      ...(repository.type === "objectStore" ? { objectStore: { port: storePort } } : {}),
      backups: {
        // No schedule falls into a measurement.
        schedules: {
          ...{ check: "0 0 29 2 *", verify: "0 0 29 2 *" },
          ...{ drill: "0 0 29 2 *", maintenance: "0 0 29 2 *" },
        },
        processMax: 2,
        repositories: [repository],
      },
    });
    await this.up();
    // The agent makes the first one by itself, and another run waits for nobody.
    await until("the first full backup is made", 900, async () =>
      (await this.backups()).some(({ type }) => type === "full") ? true : undefined,
    );
    await until("a full backup can be made", 900, () =>
      this.inAgent("laterbase-agent backup --type full --repo 1").then(
        () => true,
        () => undefined,
      ),
    );
  }

  inAgent(script: string): Promise<string> {
    return this.inside("agent", script);
  }

  inPrimary(script: string): Promise<string> {
    return this.inside("primary", script);
  }

  sql(text: string): Promise<string> {
    return this.inPrimary(`${psql} -c "${text}"`).then((said) => said.trim());
  }

  pgbench(options: string): Promise<string> {
    return this.inPrimary(`pgbench -h /run/pg/primary -U postgres ${options} bench 2>&1`);
  }

  /** The backups of the repository, the oldest first. */
  async backups(): Promise<Backup[]> {
    return (await this.info()).backup;
  }

  /** The newest WAL segment of the repository. */
  async newestWal(): Promise<string> {
    return (await this.info()).archive.at(-1)?.max ?? "";
  }

  /** Waits until the archive has everything, so that no run pays for the one before. */
  async archived(): Promise<void> {
    // Without a record since the last switch there is nothing to switch, and the segment never ends.
    await this.sql("SELECT pg_create_restore_point('bench')");
    const segment = await this.sql("SELECT pg_walfile_name(pg_switch_wal())");
    await until(`${segment} is archived`, 300, async () =>
      (await this.newestWal()) >= segment ? true : undefined,
    );
  }

  /** Runs an operator's command, which must succeed. */
  async operate(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.laterbase(...words);
    if (code === 0) return stdout;
    throw new Error(`laterbase ${words.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
  }

  /** A moment between two commits, which are both archived. */
  async moment(): Promise<string> {
    await this.sql("CREATE TABLE IF NOT EXISTS moments (at timestamptz)");
    // pgBackRest notes the end of a backup in whole seconds.
    await this.sql("SELECT pg_sleep(1.1)");
    const at = await this.sql("SELECT date_trunc('milliseconds', clock_timestamp())");
    await this.sql("SELECT pg_sleep(0.1)");
    await this.sql("INSERT INTO moments VALUES (now())");
    await this.archived();
    return at;
  }

  /** Whether the primary answers and takes writes. */
  async answers(): Promise<boolean> {
    const said = await this.sql("SELECT pg_is_in_recovery()").catch(() => "");
    return said === "f";
  }

  /** Waits until the server that a restore makes beside the primary takes writes. */
  restoredTakesWrites(): Promise<unknown> {
    const asked = `${psql} -c "SELECT pg_is_in_recovery()"`;
    return until("the restored server takes writes", 3600, async () => {
      const said = await this.inside("restored", asked).catch(() => "");
      return said.trim() === "f" ? true : undefined;
    });
  }

  /** Runs a script in a container like the primary's, with a volume of its own and without its network. */
  async byHand(volume: string, script: string): Promise<void> {
    const primary = this.container("primary");
    const image = (await ok("docker", ["inspect", "-f", "{{.Config.Image}}", primary])).trim();
    const mounts = {
      [volume]: "/var/lib/postgresql/primary",
      [this.container("pgbackrest-conf")]: "/etc/pgbackrest:ro",
      [this.container("repositories")]: "/var/lib/pgbackrest:ro",
    };
    const place = Object.entries(mounts).flatMap(([name, target]) => ["-v", `${name}:${target}`]);
    const words = ["run", "--rm", "--network", "none", "--shm-size", "256m", ...place];
    const run = ["--entrypoint", "bash", image, "-euo", "pipefail", "-c", script];
    await ok("docker", [...words, ...run], { seconds: 3600 });
  }

  private async info(): Promise<Stanza> {
    const said = await this.inAgent("pgbackrest --stanza=main --output=json info");
    const [stanza] = JSON.parse(said) as Stanza[];
    if (!stanza) throw new Error("pgBackRest knows no stanza main.");
    return stanza;
  }

  private inside(role: string, script: string): Promise<string> {
    const words = ["exec", "--user", "999", this.container(role), "bash", "-c"];
    return ok("docker", [...words, `set -euo pipefail; ${script}`], { seconds: 3600 });
  }
}

interface Stanza {
  backup: Backup[];
  archive: { max: string }[];
}

/** A backup as `pgbackrest info` lists it. */
interface Backup {
  type: string;
  /** What it added to the repository, in bytes. */
  info: { repository: { delta: number } };
}

/** Makes a stack, calls `body` with it, and removes the stack, also after an error or Ctrl-C. */
export async function withBackupStack<T>(
  say: (line: string) => void,
  body: (stack: BackupStack) => Promise<T>,
): Promise<T> {
  return thenRemoved(new BackupStack(await freePorts(2), say), body);
}
