import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import type { CommandOptions } from "./command";
import { stanzaStatus } from "./info";
import type { Look } from "./look";
import { noteSeen, seenBackup } from "./seen";
import { createStanza } from "./stanza";

/** Whether a repository lacks the stanza. One that does not answer does not say. */
export function lacksStanza({ info }: Pick<Look, "info">): boolean {
  const missing: (number | undefined)[] = [stanzaStatus.missingPath, stanzaStatus.missingData];
  return missing.includes(info?.status);
}

/**
 * The major of the other server that the stanza in a repository belongs to. Undefined: no other major, and
 * pgBackRest itself refuses another server of the same one. It would take over the repository of another major by
 * stanza-upgrade, which Laterbase never runs: pg_upgrade is not part of it.
 */
export function otherMajor({ info }: Pick<Look, "info">, major: number): number | undefined {
  const [newest] = info?.versions.slice(-1) ?? [];
  const known = newest === undefined ? major : Number.parseInt(newest, 10);
  return known === major ? undefined : known;
}

/**
 * Creates the stanza in the repositories that lack it. One that held backups gets none: its disk may not be mounted, and
 * a new history would go to the disk below.
 *
 * @returns whether there was something to do, and it is done
 * @throws Failure when there was nothing to do, and a repository belongs to another server or was emptied
 */
export async function ensureStanza(
  context: Context,
  looks: readonly Look[],
  options: CommandOptions = {},
): Promise<boolean> {
  const { major } = context.config;
  await noteSeen(context, looks);
  const isOther = (look: Look) => otherMajor(look, major) !== undefined;
  const lacking = looks.filter(lacksStanza);
  const held = await Promise.all(lacking.map((look) => seenBackup(context, look)));
  const emptied = lacking.filter((_, place) => held[place] !== undefined);
  if (lacking.length === emptied.length) {
    const other = looks.find(isOther);
    if (other) throw refusal(other, major);
    if (emptied[0]) throw emptiedRefusal(emptied[0], held[0]);
    return false;
  }
  const except = looks.filter((look) => !look.info || isOther(look) || emptied.includes(look));
  try {
    await createStanza(context, {
      ...options,
      except: except.map(({ repository }) => repository.number),
    });
    context.log("the stanza is created in every repository that answers");
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`The stanza cannot be created yet: ${error.message}`);
  }
}

const refusal = (look: Look, major: number) =>
  new Failure(
    `Repository ${look.repository.number} (${look.repository.location}) belongs to another server: its stanza is ` +
      `of PostgreSQL ${otherMajor(look, major)}, and this one is ${major}. Give laterbase:backups.stanza another ` +
      "name, or the repository another place.",
  );

const emptiedRefusal = ({ repository: { number, location } }: Look, newest = "") =>
  new Failure(
    `Repository ${number} (${location}) held backups, the newest of them ${newest}, and there is nothing of them now. ` +
      "Look whether its disk is mounted: `docker restart` of the agent and of the primary shows them a disk that came later. " +
      "Where the backups are gone for good, `npm run pulumi -- up --replace '**pgbackrest-configuration'` begins anew.",
  );
