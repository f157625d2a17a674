import { randomBytes } from "node:crypto";
import { ok, run, until } from "./process";
import { macImage, macLocales } from "./macImage";

/** The data directory of Resolve's project server, with a space in its path. */
export const macData = "/Library/Application Support/PostgreSQL/13/data";

/** Lines of a Mac's postgresql.conf. A server on Linux would not start with them. */
export const macSettings = `
wal_sync_method = fsync_writethrough
lc_messages = 'de_DE'
lc_monetary = 'de_DE'
dynamic_library_path = '/Library/PostgreSQL/13/lib/postgresql:$libdir'
shared_preload_libraries = '/Library/PostgreSQL/13/lib/postgresql/plugin_debugger.dylib'
unix_socket_directories = '/private/tmp'
log_directory = '/Library/Application Support/PostgreSQL/13/logs'
logging_collector = on
bonjour = on
`;

/** The pg_hba.conf of a shared project server. It lets in libraries but no replication. */
const shared = [
  "# TYPE  DATABASE        USER            ADDRESS                 METHOD",
  '# "local" is for Unix domain socket connections only',
  "local   all             all                                     md5",
  "host    all             all             127.0.0.1/32            md5",
  "host    all             all             ::1/128                 md5",
  "host\tall\t\tall\t\t0.0.0.0/0\t\tmd5   # shared by the Project Server",
  "# the last line, without an end",
].join("\n");

export interface MacOptions {
  /** The first three numbers of the Mac's own network, where it answers at `.1`. */
  subnet: string;
  /** Whether PostgreSQL lets other machines in. Default true. If not, SSH is the only way. */
  shared?: boolean;
}

/**
 * A DaVinci Resolve project server on a Mac, as far as a container can be one. PostgreSQL 13 sorts by code
 * point, and its folder has a space in its path and a Mac's settings in its files. There are md5 passwords
 * and a superuser. SQL and SSH reach it.
 */
export class Mac {
  readonly name = `lbt-mac-${randomBytes(4).toString("hex")}`;
  readonly host: string;
  readonly sshPort = 2022;
  password = `Da:Vin\\ci '${randomBytes(3).toString("hex")}'`;
  hostKey = "";
  privateKey = "";

  constructor(private readonly options: MacOptions) {
    this.host = `${options.subnet}.1`;
  }

  async start(): Promise<this> {
    const image = await macImage();
    const { subnet } = this.options;
    await ok("docker", ["network", "create", "--subnet", `${subnet}.0/24`, this.name]);
    await ok("docker", [
      ...["run", "-d", "--init", "--name", this.name, "--network", this.name],
      ...["--publish", `${this.host}:5432:5432`, "--publish", `${this.host}:${this.sshPort}:22`],
      ...["--env", `LOCPATH=${macLocales}`, "--entrypoint", "sleep", image, "infinity"],
    ]);
    await this.openSsh();
    await this.initialise();
    await this.up();
    // Linux records the version of its C library here. A Mac records nothing, so no warning ever comes.
    for (const database of ["template1", "postgres"]) {
      await this.sql("update pg_collation set collversion = null", database);
    }
    return this;
  }

  async stop(): Promise<void> {
    await run("docker", ["rm", "-f", "-v", this.name]);
    await run("docker", ["network", "rm", this.name]);
  }

  up = () =>
    this.bash(
      `pg_ctl -D "$D" -o '-c config_file=/opt/mac/postgresql.conf' -l /tmp/log -w start >/dev/null`,
      { env: { LC_ALL: "en_US.UTF-8" } },
    );
  down = () => this.bash(`pg_ctl -D "$D" -m fast -w stop >/dev/null`);
  log = () => this.bash("cat /tmp/log");
  readHba = () => this.bytes(`${macData}/pg_hba.conf`);

  /** Connects it to another network too, with a name there and, if given, an address. */
  join(network: string, alias: string, address?: string): Promise<string> {
    const at = address ? ["--ip", address] : [];
    return ok("docker", ["network", "connect", "--alias", alias, ...at, network, this.name]);
  }

  leave(network: string): Promise<string> {
    return ok("docker", ["network", "disconnect", network, this.name]);
  }

  /** Runs Bash on the Mac, by default as the server's user. */
  bash(
    script: string,
    {
      input = "",
      user = "postgres",
      env = {},
    }: { input?: string; user?: string; env?: Record<string, string> } = {},
  ): Promise<string> {
    const set = Object.entries({ D: macData, ...env }).flatMap(([k, v]) => ["-e", `${k}=${v}`]);
    const words = ["exec", "-i", "-u", user, "-w", "/", ...set, this.name, "bash", "-euc", script];
    return ok("docker", words, { input });
  }

  /** Runs SQL as the superuser, and returns rows as psql prints them. */
  async sql(text: string, database = "postgres"): Promise<string> {
    const psql = "PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U postgres -f -";
    return (await this.bash(`${psql} -d '${database}'`, { input: text })).trim();
  }

  async setPassword(password: string): Promise<void> {
    await this.sql(`alter role postgres password '${password.replace(/'/g, "''")}'`);
    this.password = password;
    await this.writePassfile();
  }

  /** Adds `rate` clips a second until the returned function is called. */
  edit(database: string, rate = 50): () => Promise<void> {
    let over = false;
    const statement = `insert into clips (name, note) select clip_name(floor(1e9 * random())::int), repeat(md5(random()::text), 60) on conflict do nothing;`;
    const loop = (async () => {
      while (!over) {
        await this.sql(`\\o /dev/null\n${`${statement}\n`.repeat(rate)}`, database);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    })();
    // The returned function throws an error of the loop. Until then it must not end the process.
    loop.catch(() => undefined);
    return () => {
      over = true;
      return loop;
    };
  }

  /** Everything that must be the same, to the byte, after Laterbase is gone. */
  async snapshot(): Promise<Record<string, string>> {
    const files = ["pg_hba.conf", "postgresql.auto.conf", "postgresql.conf", "pg_ident.conf"];
    const bytes = await Promise.all(files.map((file) => this.bytes(`${macData}/${file}`)));
    const dumpAll = "PGPASSFILE=/tmp/pass pg_dumpall -w -h /tmp -U postgres --globals-only";
    return {
      ...Object.fromEntries(files.map((file, i) => [file, bytes[i]!])),
      modes: await this.bash(`cd "$D"; stat -c '%n %A %u %g %h %F' ${files.join(" ")}`),
      folder: await this.bash(`ls -A "$D" "$D/.."`),
      globals: await this.bash(`${dumpAll} | grep -v -i restrict`),
      slots: await this.sql("select slot_name, slot_type from pg_replication_slots order by 1"),
      settings: await this.sql(
        "select name, setting, source from pg_settings where source = 'configuration file' order by 1",
      ),
      databases: await this.sql(
        "select datname, datdba::regrole, datacl from pg_database order by oid",
      ),
      extensions: await this.sql("select extname, extversion from pg_extension", "ResolveProjects"),
    };
  }

  private async bytes(path: string): Promise<string> {
    const text = await this.bash(`base64 -w0 '${path}'`);
    return Buffer.from(text, "base64").toString("latin1");
  }

  private async initialise(): Promise<void> {
    await this.bash(
      `umask 077; cat >/tmp/pw
       initdb -D "$D" -U postgres --pwfile=/tmp/pw -A md5 -E UTF8 --locale=en_US.UTF-8 >/dev/null
       rm /tmp/pw`,
      { input: this.password, env: { LC_ALL: "en_US.UTF-8" } },
    );
    await this.writePassfile();
    await this.bash(`cat >>"$D/postgresql.conf"`, { input: macSettings });
    const only = shared.replace(/^host\t.*\n/m, "");
    await this.bash(`cat >"$D/pg_hba.conf"`, {
      input: (this.options.shared ?? true) ? shared : only,
    });
    const own = [
      "listen_addresses = '*'",
      "unix_socket_directories = '/tmp'",
      "log_statement = 'all'",
      "log_replication_commands = on",
      "password_encryption = 'md5'",
      "fsync = off",
      "max_wal_size = '64MB'",
      "min_wal_size = '32MB'",
    ];
    await this.bash("cat >/opt/mac/postgresql.conf", {
      input: `${own.join("\n")}\n`,
      user: "root",
    });
    // A change of the owner's by ALTER SYSTEM is in the file that gets the slot WAL limit.
    await this.bash(
      `printf '%s\\n' "log_min_duration_statement = '5s'" >>"$D/postgresql.auto.conf"`,
    );
  }

  private writePassfile(): Promise<string> {
    return this.bash(
      `umask 077; printf '*:*:*:*:' >/tmp/pass; sed -e 's/[\\\\:]/\\\\&/g' >>/tmp/pass`,
      { input: this.password },
    );
  }

  private async openSsh(): Promise<void> {
    await this.bash(
      `ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
       ssh-keygen -q -t ed25519 -N '' -f /tmp/login
       install -d -o editor -m 0700 /home/editor/.ssh
       install -o editor -m 0600 /tmp/login.pub /home/editor/.ssh/authorized_keys
       chmod 0755 /run/sshd; exec /usr/sbin/sshd -o PasswordAuthentication=no`,
      { user: "root" },
    );
    const read = (file: string) => this.bash(`cat ${file}`, { user: "root" });
    this.privateKey = await read("/tmp/login");
    this.hostKey = (await read("/etc/ssh/ssh_host_ed25519_key.pub"))
      .split(" ")
      .slice(0, 2)
      .join(" ");
    await until("sshd answers", async () => {
      const banner = "exec 3<>/dev/tcp/127.0.0.1/22; read -t 2 -r line <&3; echo $line";
      return (await this.bash(banner, { user: "root" })).startsWith("SSH-2");
    });
  }
}
