import { exists } from "../../engine/exists";
import type * as Images from "../../engine/images";
import type * as RootScript from "../../engine/rootScript";
import { backsUp } from "../../../contract/pgBackRest";
import { primaryDataFiles } from "../../../contract/primaryData";
import { containerName, serverVolumes, serviceVolumes, stackPrefix } from "../../../contract/names";
import { answering } from "./answering";
import { hadPrimary } from "./hadPrimary";
import { seenAt } from "./seen";

/** By this variable somebody asks for an empty primary on purpose. */
export const emptyPrimaryVariable = "LATERBASE_EMPTY_PRIMARY";

/** The part of a stack's configuration that says where data are. */
interface StackConfig {
  dockerHost?: string | undefined;
  primary: { kind: string };
  standbys: readonly { name: string; dockerHost?: string | undefined }[];
  backups?: { repositories: readonly { type: string }[] } | undefined;
}

/** Data of a primary in another place than its own volume. */
export interface Copy {
  kind: "standby" | "dumps";
  volume: string;
  /** Of a standby: its name. */
  standby?: string;
  /** The engine, where it does not answer: nobody can see whether the data are there. Empty is the local one. */
  away?: string;
}

/** What is known of a managed primary that may have no data. */
export interface Emptiness {
  /** One sentence for each reason not to start it. */
  refused: string[];
  /** That it has no data, or may have none, as a drift. Then its repositories are looked at before it starts. */
  empty?: string;
  /** That its container is gone, as a drift: its data may have been copied or restored meanwhile. */
  gone?: string;
}

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
 * @param had whether the stack had a primary on an engine. Default: as its state knows
 */
export async function emptyPrimary(
  config: StackConfig,
  { project, stack }: { project: string; stack: string },
  image: string,
  had = hadPrimary,
): Promise<Emptiness> {
  const nothing: Emptiness = { refused: [] };
  if (config.primary.kind !== "managed") return nothing;
  const prefix = stackPrefix(project, stack);
  const { dockerHost } = config;
  const engine = await answering(dockerHost);
  if (!engine || (await exists(engine.getContainer(containerName(prefix, "primary"))))) {
    return nothing;
  }
  const own: Place = {
    volume: serverVolumes(prefix, "primary").data,
    host: dockerHost,
    files: primaryDataFiles,
  };
  const accepted = Boolean(process.env[emptyPrimaryVariable]);
  const all = accepted ? [] : copiesOf(config, prefix);
  const [filled, ...copies] = await Promise.all([own, ...all].map((place) => holds(place, image)));
  // What cannot be looked into is no reason to stop, where the primary's own volume is there.
  if (filled === "yes") return { refused: [], gone: seenAt("the primary's container is gone") };
  if (filled === "unknown") {
    return { refused: [], empty: seenAt("nothing says yet whether the primary has data") };
  }
  const empty = seenAt("the primary has no data");
  const found = all
    .map((copy, at) => (copies[at] === "away" ? { ...copy, away: copy.host ?? "" } : copy))
    .filter((_, at) => copies[at] !== "no");
  if (accepted || (found.length === 0 && !(await had(stack, dockerHost)))) {
    return { refused: [], empty };
  }
  const refused = refusal(own.volume, found as Copy[], stack, backsUp(config.backups));
  return { refused, empty };
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

/** The sentences for a primary without data. Without copies, it is one that the stack had. */
export function refusal(
  volume: string,
  copies: readonly Copy[],
  stack: string,
  backedUp = false,
): string[] {
  const named = ({ kind, standby, volume: copy }: Copy) =>
    kind === "standby" ? `the standby "${standby}" (volume ${copy})` : "dumps of this stack";
  const where = copies.filter(({ away }) => away === undefined).map(named);
  const unseen = copies.flatMap((one) =>
    one.away === undefined
      ? []
      : { engine: one.away ? `engine ${one.away}` : "local engine", copy: named(one) },
  );
  const page = "docs/failures.md#the-primary-has-no-data";
  // Without a refresh Pulumi does not see that anything is gone, and makes nothing.
  const again = stack === "dev" ? "npm start" : `npm run pulumi -- up --refresh --stack ${stack}`;
  const ofStack = stack === "dev" ? "" : ` --stack ${stack}`;
  // The repositories hold the backups of the server that is gone, and no other server may use its stanza.
  const empty = `${backedUp ? "set laterbase:backups.stanza to another name, then " : ""}run '${emptyPrimaryVariable}=yes ${again}'`;
  const lost =
    copies.length > 0
      ? ""
      : ", and the stack had a primary on this engine. If a disk of this machine is not mounted, mount it and restart Docker first";
  return [
    `The primary has no data: its volume ${volume} is missing or empty${lost}.` +
      (where.length > 0 ? ` There are copies: ${where.join(", ")}.` : ""),
    ...unseen.map(
      ({ engine, copy }) =>
        `There may be a copy: ${copy}. The ${engine} does not answer, so nobody can see it now.`,
    ),
    "Nothing was changed, because a new primary would be empty.",
    ...(backedUp
      ? [
          `To go back to what the backups hold, run 'npm run laterbase -- restore${ofStack}', which shows what it does first.`,
        ]
      : []),
    ...(copies.some(({ kind }) => kind === "standby")
      ? [
          `To get back the rows that the standby had received, copy its data into the volume as ${page} shows.`,
        ]
      : []),
    ...(copies.some(({ kind }) => kind === "dumps")
      ? [
          `To go back to a dump, ${empty}, then 'npm run laterbase -- restore-dump <database> --in-place --create-roles${ofStack}'.`,
        ]
      : []),
    `To begin with an empty primary, ${empty}.`,
  ];
}

/**
 * Whether a volume holds one of the files. `unknown`: it is there, and nothing can look into it. `away`: its engine does
 * not answer.
 */
async function holds(
  { volume, host, files }: Place,
  image: string,
): Promise<"yes" | "no" | "unknown" | "away"> {
  const engine = await answering(host);
  if (!engine) return "away";
  if (!(await exists(engine.getVolume(volume)))) return "no";
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
