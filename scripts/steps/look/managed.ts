import type { Looks, ManagedLooks } from "../../../contract/looks";
import { containerName, serverVolumes } from "../../../contract/names";
import { LocalPrimary } from "../../primary/localPrimary";
import { majorOfData } from "./data";
import { type SeenEngine, withBash } from "./engine";
import { joined, told } from "./found";
import { lookAtExtensions, lookAtSettings } from "./nextServer";
import { ownersQuery, ownersTaken, type SeenOwner } from "./owners";
import { factsQuery, type PrimaryFacts, type SeenPrimary, unadmitted } from "./primaryFacts";

/**
 * Looks at a primary that Laterbase runs: whether its data are of the configured major, and whether it still lets
 * in the standbys elsewhere. Its databases are made and its password is set by later steps, which need neither. Roles and
 * databases of others are refused here, before anything stops.
 */
export async function lookAtManaged(
  { prefix, stack }: Looks,
  looks: ManagedLooks,
  [own, ...elsewhere]: readonly SeenEngine[],
  bytes: boolean,
): Promise<SeenPrimary> {
  if (!own || own.wanted.host !== looks.host) return { found: { refused: [], unseen: [] } };
  const remote = elsewhere.filter(({ wanted }) => wanted.standbys.length > 0);
  const ask = bytes || remote.length > 0;
  const [image] = withBash(own, prefix, stack).map((one) => one.image);
  const [major, facts, taken, settings, extensions] = await Promise.all([
    majorOfData(own, prefix, image),
    ask ? factsOf(own, prefix, bytes) : undefined,
    takenOf(own, prefix, looks),
    told("laterbase:primary.settings", () => lookAtSettings(looks, own, prefix)),
    told("laterbase:primary.extensions", () => lookAtExtensions(looks, own, prefix)),
  ]);
  const networks = remote.flatMap((engine) =>
    // A standby elsewhere connects to the published port, so it is not in the primary's own network.
    facts ? unadmitted(looks.allowFrom, { ...facts, client: null }, engine) : [],
  );
  const refused = [...otherMajor(looks, prefix, major), ...networks, ...taken];
  return { found: joined([{ refused, unseen: [] }, settings, extensions]), facts };
}

/** The sentence about data of another major. */
export function otherMajor(
  { version }: ManagedLooks,
  prefix: string,
  major: number | undefined,
): string[] {
  if (major === undefined || major === version) return [];
  const { data } = serverVolumes(prefix, "primary");
  return [
    `laterbase:primary.version must be ${major}, the major of the data in the volume ${data}; it is ${version}. ` +
      "A server reads data of its own major only, see docs/dumps.md, Upgrading to a newer major",
  ];
}

async function factsOf(
  own: SeenEngine,
  prefix: string,
  bytes: boolean,
): Promise<PrimaryFacts | undefined> {
  return running(own, prefix)?.json<PrimaryFacts>(factsQuery(bytes));
}

/** The sentences about roles and databases of others. A primary that does not run has none yet, or says it later. */
async function takenOf(
  own: SeenEngine,
  prefix: string,
  { owner, owners }: ManagedLooks,
): Promise<string[]> {
  if (owners.length === 0) return [];
  const seen = await running(own, prefix)?.json<SeenOwner[]>(ownersQuery(owner, owners));
  return seen ? ownersTaken(owners, seen) : [];
}

/** The primary, where it runs. */
function running({ engine, seen }: SeenEngine, prefix: string): LocalPrimary | undefined {
  const name = containerName(prefix, "primary");
  if (!seen.some((one) => one.name === name && one.running)) return undefined;
  return new LocalPrimary(engine, name);
}
