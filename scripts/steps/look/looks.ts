import type { ArchiveRecord, Looks } from "../../../contract/looks";
import { archiveRecord, lastUploadOf, otherPassphrase, readArchiveRecord } from "./archives";
import { type SeenEngine, inWords, seeEngine } from "./engine";
import { lookAtEngine, missingClones } from "./engineLooks";
import { type Found, joined, told } from "./found";
import { lookAtExternal } from "./external";
import { lookAtManaged } from "./managed";
import type { SeenPrimary } from "./primaryFacts";

/** What the looks found, and what the next ones compare with. */
interface AllFound extends Found {
  archives?: ArchiveRecord;
}

/**
 * Looks at everything that a change needs, all at once. It changes nothing.
 *
 * @param printed what the last looks of this stack printed
 */
export async function lookAt(looks: Looks, printed: string | undefined): Promise<AllFound> {
  const engines = await Promise.all(looks.engines.map(seeEngine));
  const there = engines.filter((engine) => engine !== undefined);
  const away = looks.engines.filter((_, i) => engines[i] === undefined);
  const clones = await Promise.all(there.map((engine) => missingClones(engine, looks.prefix)));
  const primary = lookAtPrimary(looks, there, clones.flat().length > 0);
  const facts = primary.then(
    (seen) => seen.facts,
    () => undefined,
  );
  const found = await Promise.all([
    told("The primary", async () => (await primary).found),
    ...there.map((engine, i) =>
      told(`What ${engine.where} has`, () =>
        lookAtEngine(looks, engine, { clones: clones[i]!, facts }),
      ),
    ),
  ]);
  const all = joined([{ refused: [], unseen: away.map(({ host }) => unanswered(host)) }, ...found]);
  if (!looks.archives) return all;
  const before = readArchiveRecord(printed);
  const archives = archiveRecord(looks.archives, before, new Date());
  const own = there.find(({ wanted }) => wanted === looks.engines[0]);
  const lastUpload = own && (await lastUploadOf(looks, own).catch(() => undefined));
  const refused = [...all.refused, ...otherPassphrase(archives, before, lastUpload)];
  return { ...all, refused, archives };
}

function lookAtPrimary(looks: Looks, engines: SeenEngine[], bytes: boolean): Promise<SeenPrimary> {
  const { primary } = looks;
  return primary.kind === "managed"
    ? lookAtManaged(looks, primary, engines, bytes)
    : lookAtExternal(looks, primary, engines, bytes);
}

function unanswered(host: string): string {
  const where = inWords(host);
  return `${where[0]!.toUpperCase()}${where.slice(1)} did not answer, so nothing was looked at there`;
}
