import type { Looks, ManagedLooks } from "../../../contract/looks";
import { containerName, serverVolumes } from "../../../contract/names";
import { LocalPrimary } from "../../primary/localPrimary";
import { majorOfData } from "./data";
import { type SeenEngine, withBash } from "./engine";
import { joined, told } from "./found";
import { lookAtExtensions, lookAtSettings } from "./nextServer";
import { factsQuery, type PrimaryFacts, type SeenPrimary, unadmitted } from "./primaryFacts";

/**
 * Looks at a primary that Laterbase runs: whether its data are of the configured major, and whether it still lets
 * in the standbys elsewhere. Its databases are made and its password is set by later steps, which need neither.
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
  const [major, facts, settings, extensions] = await Promise.all([
    majorOfData(own, prefix, image),
    ask ? factsOf(own, prefix, bytes) : undefined,
    told("laterbase:primary.settings", () => lookAtSettings(looks, own, prefix)),
    told("laterbase:primary.extensions", () => lookAtExtensions(looks, own, prefix)),
  ]);
  const networks = remote.flatMap((engine) =>
    // A standby elsewhere connects to the published port, so it is not in the primary's own network.
    facts ? unadmitted(looks.allowFrom, { ...facts, client: null }, engine) : [],
  );
  const plain = { refused: [...otherMajor(looks, prefix, major), ...networks], unseen: [] };
  return { found: joined([plain, settings, extensions]), facts };
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
  { engine, seen }: SeenEngine,
  prefix: string,
  bytes: boolean,
): Promise<PrimaryFacts | undefined> {
  const name = containerName(prefix, "primary");
  if (!seen.some((one) => one.name === name && one.running)) return undefined;
  return new LocalPrimary(engine, name).json<PrimaryFacts>(factsQuery(bytes));
}
