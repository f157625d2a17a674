import { type Client, escapeIdentifier as name } from "pg";
import type { Manifest } from "../../../contract/manifest";
import { bytesOf } from "../dump/finished";
import { fill } from "./archive";
import { EntryProgress } from "./entryProgress";
import { lendRights } from "./lentRights";
import type { Login, SettingValues } from "./login";
import type { Part } from "./parts";
import type { RestoreRole } from "./restoreRole";
import type { Settings } from "./server";
import type { Entry } from "../dump/toc";

/** A dump of this size is restored in about a second. */
const LARGE_BYTES = 8 << 20;

/** A database that is restored from an archive. */
export interface RestoredDatabase {
  /** The superuser's login, and a session of it in another database. */
  login: Login;
  client: Client;
  /** Absent when everything in the archive belongs to superusers. */
  role?: RestoreRole;
  /** The owners whose code the superuser may run: superusers, and who can become one. */
  trusted: readonly string[];
  manifest: Manifest;
  /** pg_dump's archive, and its entries. */
  file: string;
  entries: readonly Entry[];
  database: string;
  withoutTablespaces: boolean;
  settings: Settings;
  /** Whether the first object that cannot be made ends the restore. */
  strict: boolean;
  /** Settings on which values depend, for pg_restore's sessions. */
  values: SettingValues;
}

/** Runs parts of a restore, each with the rights of its owners only. */
export class PartRunner {
  private readonly progress: EntryProgress;

  /** @param session a superuser's, in the database that is restored */
  constructor(
    private readonly restored: RestoredDatabase,
    private readonly session: Client,
    say: (progress: string) => void,
    private readonly signal: AbortSignal,
  ) {
    this.progress = new EntryProgress(restored.entries, say);
  }

  /**
   * One run of pg_restore.
   *
   * @returns the entries that could not be made, and why
   */
  async pgRestore(
    { stage, owners, entries }: Part,
    role: RestoreRole | undefined,
    onTable: (name: string) => void = () => undefined,
  ): Promise<Map<number, string>> {
    const { login, settings, values, file, database, withoutTablespaces, strict } = this.restored;
    const [only] = owners.length === 1 ? owners : [];
    const filling = {
      ...{
        file,
        database,
        withoutTablespaces,
        strict,
        values,
        only: entries,
        onTable,
        keepsOwners: !role,
      },
      ...(only === undefined ? {} : { role: only }),
      settings: role ? settings.all : [...settings.all, ...settings.superuser],
      parallel: this.isLarge && stage !== "define" && stage !== "grant" && entries.length > 1,
      onEntry: (id: number, entry: string) => this.progress.add(id, entry),
    };
    const failed = await fill(role?.login ?? login, filling, this.signal);
    for (const { id } of entries) this.progress.add(id);
    if (failed.size > 0) await this.serverLives();
    return failed;
  }

  /** What broke may be the server. A session that was there before then fails as well. */
  async serverLives(): Promise<void> {
    await this.session.query("SELECT");
  }

  /** Works with the rights of a part's owners: in the role's sessions, or as the superuser. */
  async as<T>(part: Part, work: (role: RestoreRole | undefined) => Promise<T>): Promise<T> {
    const { role, database, withoutTablespaces } = this.restored;
    const [owner, ...others] = part.owners;
    if (owner === undefined || !role) return work(undefined);
    const grantee = others.length === 0 ? owner : role.name;
    const sessions = { inside: this.session, outside: this.restored.client };
    const takeBack = await lendRights(sessions, grantee, part, !withoutTablespaces);
    try {
      await role.enter(database, part.owners);
      const result = await work(role);
      await role.leave();
      return result;
    } finally {
      await takeBack();
    }
  }

  /** The sessions of a part, with the rights of its owner. */
  loginOf({ owners }: Part, role: RestoreRole | undefined): Pick<Login, "connect" | "during"> {
    const [owner] = owners;
    return role && owner !== undefined ? asRole(role.login, owner) : this.restored.login;
  }

  /** Whether work side by side is worth its start, which each part of a restore pays. */
  get isLarge(): boolean {
    return bytesOf(this.restored.manifest) >= LARGE_BYTES;
  }
}

/** Sessions that begin as the owner. Whatever leaves that role is the restore role again. */
export function asRole(login: Login, owner: string): Pick<Login, "connect" | "during"> {
  const begin = async (session: Client) => void (await session.query(`SET ROLE ${name(owner)}`));
  return {
    connect: async (...where) => {
      const session = await login.connect(...where);
      await begin(session);
      return session;
    },
    during: (database, signal, work) =>
      login.during(database, signal, async (session) => {
        await begin(session);
        return work(session);
      }),
  };
}
