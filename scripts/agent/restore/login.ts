import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "pg";
import { conninfoQuote } from "../../../contract/quoting";
import { agentFiles } from "../../../contract/agentPaths";
import { evaluatesDefinitions, sessionOptions } from "../../../contract/sessionSettings";
import type { RestoreRequest } from "../../../contract/agentRequests";
import type { Context } from "../kit/context";
import { passfileLine } from "../kit/passfile";
import { openSession } from "../kit/session";

const APPLICATION = "laterbase restore";

/** The server notices within half a minute when the agent disappeared. */
const SETTINGS = {
  ...evaluatesDefinitions,
  default_transaction_read_only: "off",
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "4",
};

/** Settings with their values. One that is undefined is left to the server and the database. */
export type SettingValues = Readonly<Record<string, string | undefined>>;

/** A login on the primary, for one restore: the superuser's, or that of the restore's role. */
export class Login {
  private readonly open: Client[] = [];
  private stated: SettingValues = {};
  /** A folder for the files that the restore's tools need. `close` removes it. */
  readonly folder: string;
  /** The folder of the password, in memory: a killed agent leaves it on no disk. */
  private readonly secrets: string;

  constructor(
    private readonly context: Context,
    private readonly user: RestoreRequest["superuser"],
    private readonly isSuperuser: boolean,
  ) {
    this.folder = mkdtempSync(join(tmpdir(), "restore-"));
    const memory = existsSync("/dev/shm") ? "/dev/shm" : context.paths.run;
    this.secrets = mkdtempSync(join(memory, "restore-"));
    const { host, port } = context.config.primary;
    const line = passfileLine({ host, port, user: user.name }, user.password ?? "");
    writeFileSync(join(this.secrets, agentFiles.passfile), line, { mode: 0o600 });
  }

  /** Settings that each session states from now on, and each tool, beyond those of every session. */
  state(settings: SettingValues): void {
    this.stated = settings;
  }

  /** Opens a session for one piece of work. The signal ends it early. */
  async during<T>(
    database: string,
    signal: AbortSignal,
    work: (client: Client) => Promise<T>,
  ): Promise<T> {
    const client = await this.connect(database, signal);
    try {
      return await work(client);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /**
   * Opens a session that `close` ends.
   *
   * @param values settings that are stated, or left to the database
   */
  async connect(
    database: string,
    signal?: AbortSignal,
    values: SettingValues = {},
  ): Promise<Client> {
    const { config, paths } = this.context;
    const asUser: Context = {
      ...this.context,
      config: { ...config, role: { name: this.user.name, superuser: this.isSuperuser } },
      paths: { ...paths, etc: this.secrets },
    };
    const settings = { ...SETTINGS, ...this.stated, ...values };
    const options = { database, application: APPLICATION, settings, ...(signal ? { signal } : {}) };
    const client = await openSession(asUser, config.primary, options);
    this.open.push(client);
    return client;
  }

  /** The arguments that tell pg_restore where to restore. A name may look like a URI. */
  target(database: string): string[] {
    const { host, port } = this.context.config.primary;
    const words = { host, port: String(port), user: this.user.name, dbname: database };
    const conninfo = Object.entries(words).map(([key, value]) => `${key}=${conninfoQuote(value)}`);
    return ["--no-password", "--dbname", conninfo.join(" ")];
  }

  /**
   * What a tool's environment needs.
   *
   * @param settings for the tool's sessions, as `name=value`
   * @param values settings that are stated, or left to the database
   */
  env(settings: readonly string[] = [], values: SettingValues = {}): Record<string, string> {
    const { major } = this.context.config;
    const stated = { ...SETTINGS, ...this.stated, ...values };
    const options = sessionOptions({ major, superuser: this.isSuperuser, with: stated });
    return {
      PGPASSFILE: join(this.secrets, agentFiles.passfile),
      PGAPPNAME: APPLICATION,
      PGOPTIONS: [options, ...settings.map((setting) => `-c ${setting}`)].join(" "),
      PGCONNECT_TIMEOUT: "15",
    };
  }

  /** Ends the sessions and removes the folders. */
  async close(): Promise<void> {
    await Promise.all(this.open.map((client) => client.end().catch(() => undefined)));
    for (const folder of [this.secrets, this.folder]) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
