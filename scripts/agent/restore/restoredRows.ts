import type { Client } from "pg";
import { type CatalogTable, catalogTables } from "../dump/contents";
import {
  type Comparing,
  compareLargeObjects,
  compareNames,
  compareTables,
  type Found,
} from "./compare";
import type { MissingObjects } from "./missingObjects";
import { compareSequences } from "./compareSequences";
import { compareViews } from "./compareViews";
import { nameOf } from "./comparisonDuringRestore";
import type { PartRunner, RestoredDatabase } from "./partRunner";
import { type Part, rightsOf } from "./parts";
import type { RestoreRole } from "./restoreRole";

/** A table, with the owner whose rights its rows need. Empty: the superuser may run its code. */
export type OwnedTable = CatalogTable & { owner: string };

/** The rows of a restored database, and how they compare with the manifest. */
export class RestoredRows {
  readonly found: Found = {
    ...{ tables: 0, rows: 0, largeObjects: 0, sequences: 0, differences: [], unexplained: [] },
    views: { compared: 0, other: [], notCompared: [] },
  };
  private tables: OwnedTable[] | undefined;
  private readonly compared = new Set<string>();

  /** @param session a superuser's, in the database that is restored */
  constructor(
    private readonly restored: RestoredDatabase,
    private readonly session: Client,
    private readonly runner: PartRunner,
    private readonly missing: MissingObjects,
    private readonly say: (progress: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Compares the tables of a part's owner, with its rights. `equal` are known to be as they should. */
  async compare(
    part: Part,
    role: RestoreRole | undefined,
    equal: Comparing["equal"],
  ): Promise<void> {
    const [owner = ""] = part.owners;
    this.compared.add(owner);
    const own = (await this.allTables()).filter((table) => table.owner === owner);
    this.say("comparing rows with the manifest");
    await compareTables(this.runner.loginOf(part, role), own, this.comparing(equal), this.found);
  }

  /** Compares what has no rows in the archive, such as the tables of an extension. */
  async compareRest(): Promise<void> {
    const { login } = this.restored;
    for (const owner of new Set((await this.allTables()).map((table) => table.owner))) {
      if (this.compared.has(owner)) continue;
      const part = rightsOf(owner);
      await this.runner.as(part, (role) => this.compare(part, role, new Map()));
    }
    compareNames(await this.allTables(), this.comparing(new Map()), this.found);
    await compareLargeObjects(login, this.comparing(new Map()), this.found);
    await compareSequences(this.session, this.comparing(new Map()), this.found);
  }

  /** Compares what the restore computed: the rows of materialized views. */
  async compareViews(): Promise<void> {
    const { manifest, database } = this.restored;
    const views = manifest.materializedViews?.length ? await this.owned(["m"]) : [];
    const { excused } = this.comparing(new Map());
    for (const owner of new Set(views.map((view) => view.owner))) {
      const part = rightsOf(owner);
      // One that could not be filled is named among what is missing.
      const own = views.filter((view) => view.owner === owner && !excused.has(nameOf(view)));
      const compare = (session: Client) => compareViews(session, own, manifest, this.found);
      await this.runner.as(part, (role) =>
        this.runner.loginOf(part, role).during(database, this.signal, compare),
      );
    }
  }

  /** Every table that is there. */
  async allTables(): Promise<OwnedTable[]> {
    return (this.tables ??= await this.owned(["r", "f"]));
  }

  private async owned(kinds: readonly string[]): Promise<OwnedTable[]> {
    const { rows } = await this.session.query<{ oid: string; owner: string }>(
      "SELECT oid::text, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relkind::text = ANY ($1)",
      [kinds],
    );
    const owners = new Map(rows.map(({ oid, owner }) => [oid, owner]));
    const { role, trusted } = this.restored;
    const ownerOf = ({ oid }: CatalogTable) => {
      const owner = owners.get(oid) ?? "";
      return !role || trusted.includes(owner) ? "" : owner;
    };
    const tables = await catalogTables(this.session, kinds);
    return tables.map((table) => ({ ...table, owner: ownerOf(table) }));
  }

  private comparing(equal: Comparing["equal"]): Comparing {
    const { manifest, database } = this.restored;
    const excused = this.missing.excused(manifest);
    return { manifest, database, equal, excused, say: this.say, signal: this.signal };
  }
}
