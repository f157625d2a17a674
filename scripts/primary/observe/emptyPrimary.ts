import type Docker from "dockerode";
import { exists } from "../../engine/exists";
import type * as Images from "../../engine/images";
import type * as RootScript from "../../engine/rootScript";
import { backsUp } from "../../../contract/pgBackRest";
import { primaryDataFiles } from "../../../contract/primaryData";
import { containerName, serverVolumes, serviceVolumes, stackPrefix } from "../../../contract/names";
import { updateFollows } from "../../../contract/updateFollows";
import { answering } from "./answering";
import { hadPrimary } from "./hadPrimary";
import { type Copy, emptyPrimaryVariable, refusal, warning } from "./lostPrimary";
import { seenAt } from "./seen";

/** The part of a stack's configuration that says where data are. */
interface StackConfig {
  dockerHost?: string | undefined;
  primary: { kind: string };
  standbys: readonly { name: string; dockerHost?: string | undefined }[];
  backups?: { repositories: readonly { type: string }[] } | undefined;
}

/** The stack, and where Pulumi's backend has it. */
interface Names {
  organization?: string;
  project: string;
  stack: string;
}

/** How to look. */
interface Options {
  /** Only a preview, which may run on another machine than the stack's own. It waits less, and makes nothing. */
  preview?: boolean;
  /** Whether the stack had a primary on an engine; undefined where nobody knows. Default: as its state knows. */
  had?: (stack: string, host: string | undefined) => Promise<boolean | undefined>;
}

/** What is known of a managed primary that may have no data. */
export interface Emptiness {
  /** One sentence for each reason not to start it. */
  refused: string[];
  /** What a preview says where only the update refuses. */
  warned?: string;
  /** That it has no data, or may have none, as a drift. Then its repositories are looked at before it starts. */
  empty?: string;
  /** That its container is gone, as a drift: its data may have been copied or restored meanwhile. */
  gone?: string;
}

/** How long an engine may take to answer before an update. One that wakes up a disk needs more than a preview gives. */
const patienceMs = 30_000;

/** A volume that may hold data, and the files in it of which each says that it does. */
interface Place extends Partial<Copy> {
  volume: string;
  host: string | undefined;
  files: readonly string[];
}

/**
 * Whether a managed primary has no data, and each reason not to start it then: there are copies of them, which an
 * empty primary would not have, or the stack had a primary here. Nothing is written. Where the primary's container
 * exists, its volume does too, so nothing more is asked.
 *
 * @param image the PostgreSQL image, whose shell looks into the volumes
 */
export async function emptyPrimary(
  config: StackConfig,
  { organization, project, stack }: Names,
  image: string,
  { preview = false, had = hadPrimary }: Options = {},
): Promise<Emptiness> {
  const nothing: Emptiness = { refused: [] };
  if (config.primary.kind !== "managed") return nothing;
  const prefix = stackPrefix(project, stack);
  const { dockerHost: host } = config;
  const answers = (address: string | undefined) =>
    preview ? answering(address) : answering(address, patienceMs);
  const engine = await answers(host);
  if (!engine || (await exists(engine.getContainer(containerName(prefix, "primary"))))) {
    return nothing;
  }
  const { data: volume } = serverVolumes(prefix, "primary");
  const own: Place = { volume, host, files: primaryDataFiles };
  const accepted = Boolean(process.env[emptyPrimaryVariable]);
  const all = accepted ? [] : copiesOf(config, prefix);
  const [filled, ...copies] = await Promise.all(
    [own, ...all].map(async (place) =>
      holds(place.host === host ? engine : await answers(place.host), place, image),
    ),
  );
  // What cannot be looked into is no reason to stop, where the primary's own volume is there.
  if (filled === "yes") return { refused: [], gone: seenAt("the primary's container is gone") };
  if (filled === "unknown") {
    return { refused: [], empty: seenAt("nothing says yet whether the primary has data") };
  }
  const empty = seenAt("the primary has no data");
  if (accepted) return { refused: [], empty };
  const found = all
    .map((copy, at) => (copies[at] === "away" ? { ...copy, away: copy.host ?? "" } : copy))
    .filter((_, at) => !isNo(copies[at])) as Copy[];
  const seen = found.some(({ away }) => away === undefined);
  // A new stack has no copies, also on an engine that does not answer.
  const whole = organization === undefined ? stack : `${organization}/${project}/${stack}`;
  const hadOne = seen || (await had(whole, host));
  if (hadOne === false) return { refused: [], empty };
  if (preview && !process.env[updateFollows] && !seen)
    return { refused: [], warned: warning(volume, hadOne) };
  const lost = { volume, isThere: filled === "no", host, copies: found, had: hadOne, stack };
  return { refused: refusal({ ...lost, backedUp: backsUp(config.backups) }), empty };
}

/** Where copies of a managed primary's data may be. */
function copiesOf({ standbys, dockerHost }: StackConfig, prefix: string): Place[] {
  const { agentRecords } = serviceVolumes(prefix);
  return [
    ...standbys.map(({ name, dockerHost: host = dockerHost }): Place => {
      const volume = serverVolumes(prefix, name).data;
      return { kind: "standby", standby: name, volume, host, files: ["data/PG_VERSION"] };
    }),
    // The dumps themselves may be in a folder that outlives many stacks. The record is this stack's.
    { kind: "dumps", volume: agentRecords, host: dockerHost, files: ["dump.success.json"] },
  ];
}

/** What a look into a volume found. */
type Held = "yes" | "no" | "missing" | "unknown" | "away";

const isNo = (held: Held | undefined) => held === "no" || held === "missing";

/**
 * Whether a volume holds one of the files. `missing`: it is not there. `unknown`: it is there, and nothing can look into
 * it. `away`: its engine does not answer.
 */
async function holds(
  engine: Docker | undefined,
  { volume, files }: Place,
  image: string,
): Promise<Held> {
  if (!engine) return "away";
  if (!(await exists(engine.getVolume(volume)))) return "missing";
  const { inspectImage, runAsRoot } = late();
  if (!(await inspectImage(engine, image))) return "unknown";
  const { code } = await runAsRoot(engine, {
    image,
    script: 'for file; do [ ! -e "/look/$file" ] || exit 0; done; exit 3',
    words: files,
    // The folders belong to PostgreSQL's user.
    capabilities: ["DAC_READ_SEARCH"],
    mounts: [{ volume, target: "/look" }],
  });
  if (code === 0) return "yes";
  return code === 3 ? "no" : "unknown";
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded late, in CommonJS: every preview reads this file */
function late() {
  const { inspectImage } = require("../../engine/images") as typeof Images;
  const { runAsRoot } = require("../../engine/rootScript") as typeof RootScript;
  return { inspectImage, runAsRoot };
}
/* eslint-enable @typescript-eslint/no-require-imports */
