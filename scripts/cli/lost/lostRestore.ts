import { basename } from "node:path";
import type { AgentConfig } from "../../../contract/agentConfig";
import { agentFiles, agentPaths } from "../../../contract/agentPaths";
import { containerName, dataFolder, restoreWork } from "../../../contract/names";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { RestorePlan, RestorePlanReply } from "../../../contract/restorePlan";
import { restoredPlanFile, writeRestoredPlan } from "../../../contract/restoredPlan";
import type { RestoreOptions } from "../../../contract/restoreTarget";
import { archiveFile, writeFiles } from "../../primary/pgBackRest/files";
import { takeOverFolders } from "../../primary/pgBackRest/folders";
import { exists } from "../../engine/exists";
import { runAsRoot } from "../../engine/rootScript";
import { Replies } from "../servers/replies";
import { planImage } from "../servers/ownImage";
import { CliError } from "../terminal/cliError";
import { size } from "../terminal/format";
import { configurationFile, type LostPrimary } from "./lostPrimary";
import { refuseData } from "./refuseData";
import { journalPlan } from "../restore/inPlace/words";
import { RestoreContainer } from "../restore/restoreContainer";
import { restoreFiles } from "../restore/restoreFiles";
import { roomFor } from "../restore/room";

/** The folder that gets the data. It takes the name of the data when it is whole. */
const RESTORING = "data.restoring";

/** Brings the image of the agent, which plans and restores, onto the engine, and returns its name. */
export function images(
  { engine, config }: LostPrimary,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<string> {
  return planImage(engine, config, say, signal);
}

/** Makes the volumes that are missing, as `up` does, and returns their names. */
export async function makeVolumes(lost: LostPrimary): Promise<string[]> {
  const { engine, volumes, stack } = lost;
  // One that was left by a killed run may hold another configuration.
  await removeVolumes(lost, [planVolume(lost)]);
  const made: string[] = [];
  for (const Name of Object.values(volumes)) {
    if (await exists(engine.getVolume(Name))) continue;
    const Labels = { "laterbase.role": "primary", "laterbase.stack": stack };
    await engine.createVolume({ Name, Labels });
    made.push(Name);
  }
  return made;
}

/** Removes the volumes that were made for nothing, and that of the plan. */
export async function removeMade(lost: LostPrimary, names: readonly string[]): Promise<void> {
  await removeVolumes(lost, [planVolume(lost), ...names]);
}

async function removeVolumes({ engine }: LostPrimary, names: readonly string[]): Promise<void> {
  for (const name of names)
    await engine
      .getVolume(name)
      .remove()
      .catch(() => undefined);
}

/**
 * The same with the repository in the stack's own object store, where the configuration is left that has its keys.
 *
 * @throws CliError where there is no other repository, and no such configuration
 */
export async function withOwnStore(lost: LostPrimary, image: string): Promise<LostPrimary> {
  const { engine, volumes, settings, withStore } = lost;
  if (!withStore) return lost;
  const said = await runAsRoot(engine, {
    image,
    script: '[ -e "/look/$1" ] || exit 3',
    words: [basename(configurationFile)],
    capabilities: ["DAC_READ_SEARCH"],
    mounts: [{ volume: volumes.conf, target: "/look" }],
  });
  if (said.code === 0) return { ...lost, settings: withStore, files: undefined };
  if (settings.repositories.length > 0) return lost;
  throw new CliError(
    `The only repository is in the stack's own object store, and the volume ${volumes.conf} has no configuration with its keys: bring that volume back first.`,
    4,
  );
}

/** Writes the configuration where there is none, and opens the container that plans and restores. */
export async function openContainer(
  lost: LostPrimary,
  image: string,
  say: (turn: string) => void,
): Promise<RestoreContainer> {
  const { engine, prefix, host, files, archive, stack } = lost;
  const network = await networkOf(lost);
  // The plan changes nothing that a running container of the stack reads.
  const mounts = files ? withConfiguration(lost, planVolume(lost)) : lost.mounts;
  await takeOverFolders(engine, { place: { image, network }, mounts: [...mounts] });
  const container = await RestoreContainer.open(engine, {
    ...{ name: containerName(prefix, restoreWork), stack, image, network, mounts },
    scratch: [agentPaths.etc],
  });
  try {
    await refuseData(container, lost);
    if (files) {
      say("pgBackRest's configuration is made from the stack file.");
      await writeFiles({ host, image, network, mounts }, [...files, archiveFile(archive)], false);
    } else if ((await container.run(["test", "-e", configurationFile])).code !== 0) {
      // That of the containers before would have the passphrase.
      throw unknownPassphrase();
    }
    await write(container, configFile, JSON.stringify(agentConfig(lost)));
    return container;
  } catch (error) {
    await container.close();
    throw error;
  }
}

/** Where the configuration is for the plan and the restore. It goes with the command. */
const planVolume = ({ prefix }: LostPrimary) => `${containerName(prefix, restoreWork)}-conf`;

const withConfiguration = ({ mounts }: LostPrimary, source: string) =>
  mounts.map((one) => (one.target === pgBackRestPaths.conf ? { ...one, source } : one));

const networkOf = async ({ engine, prefix }: LostPrimary) =>
  (await exists(engine.getNetwork(prefix))) ? prefix : "bridge";

/** Writes the configuration for the server that `up` starts on the data: without it nothing gets WAL. */
export async function configure(lost: LostPrimary, image: string): Promise<void> {
  const { host, files, archive, mounts } = lost;
  if (!files) return;
  const network = await networkOf(lost);
  await writeFiles({ host, image, network, mounts }, [...files, archiveFile(archive)], true);
}

const configFile = `${agentPaths.etc}/${agentFiles.config}`;

function agentConfig({ stack, major, timeZone, settings, prefix }: LostPrimary): AgentConfig {
  return {
    ...{ stack, major, timeZone, backups: settings },
    primary: { name: "primary", host: containerName(prefix, "primary"), port: 5432 },
  };
}

/** Plans as the agent does, in the container. It needs no running stack. */
export async function planned(
  container: RestoreContainer,
  { settings }: LostPrimary,
  args: RestoreOptions & { repo?: number | undefined },
  say: (turn: string) => void,
): Promise<RestorePlan> {
  const numbers = settings.repositories.map(({ number }) => number);
  if (args.repo !== undefined && !numbers.includes(args.repo)) {
    throw new CliError(
      `There is no repository ${args.repo}: choose from ${numbers.join(", ")}.`,
      2,
    );
  }
  const replies = new Replies(say);
  const request = JSON.stringify({ command: "restore-plan", args });
  const script = 'printf %s "$1" | laterbase-agent work';
  const ran = await container.run(["bash", "-c", script, "bash", request], {
    onLine: (line) => replies.add(Buffer.from(`${line}\n`)),
  });
  const last = replies.last();
  if (last && "error" in last) {
    const encrypted = settings.repositories.some((one) => one.encrypted);
    throw new CliError(`${last.error}${encrypted ? checkPassphrase : ""}`);
  }
  if (!last || !("result" in last)) {
    throw new CliError(ran.stderr.trim().split("\n").at(-1) || "The restore could not be planned.");
  }
  const reply = last.result as RestorePlanReply;
  if ("refused" in reply) throw new CliError(reply.refused.sentence, 4);
  return reply.plan;
}

/** @throws CliError where the data do not fit */
export async function refuseSmallVolume(
  container: RestoreContainer,
  { set, wal }: RestorePlan,
  { volumes, maxWal }: Pick<LostPrimary, "volumes" | "maxWal">,
): Promise<void> {
  const folder = dataFolder("primary");
  const said = await must(container, ["df", "--output=avail", "-B1", folder]);
  const free = Number(said.trim().split("\n").at(-1));
  // The primary is gone, so the plan does not know its limit of WAL.
  const needed = roomFor({ set, wal: { maxSize: maxWal, ...wal } });
  if (free >= needed) return;
  throw new CliError(
    `The data and their WAL need ${size(needed)}, and the volume ${volumes.data} has ${size(free)} free.`,
    4,
  );
}

/** pgBackRest cannot tell another passphrase from a damaged file. */
const checkPassphrase =
  " With another laterbase:backups.encryption.passphrase than the one that encrypted it, it cannot be read either.";

/** Restores beside, and renames. An interrupted restore leaves a folder that no server uses, and that the next one removes. */
export async function restoreInto(
  container: RestoreContainer,
  { settings }: LostPrimary,
  plan: RestorePlan,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const folder = `${dataFolder("primary")}/${RESTORING}`;
  await must(container, ["rm", "-rf", folder, restoredPlanFile]);
  await restoreFiles(container, {
    ...{ stanza: settings.stanza, words: plan.arguments, folder: RESTORING },
    ...{ bytes: plan.set.bytes, say, signal },
  });
  // Before the data have their name: no server runs on them without the plan.
  await write(container, restoredPlanFile, writeRestoredPlan(journalPlan(plan)));
  await must(container, ["mv", "-T", folder, `${dataFolder("primary")}/data`]);
  await must(container, ["sync", dataFolder("primary")]);
}

async function must(container: RestoreContainer, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await container.run(words);
  if (code === 0) return stdout;
  throw new CliError(`${words[0]} failed: ${stderr.trim().split("\n").at(-1) ?? ""}.`);
}

async function write(container: RestoreContainer, path: string, text: string): Promise<void> {
  const script = 'printf %s "$1" >"$2" && sync "$2"';
  await must(container, ["bash", "-c", script, "bash", text, path]);
}

function unknownPassphrase(): CliError {
  return new CliError(
    "The repositories are encrypted by a passphrase that the lost machine generated: set " +
      "laterbase:backups.encryption.passphrase to it, as a secret. `npm run laterbase -- credentials` printed it there.",
    4,
  );
}
