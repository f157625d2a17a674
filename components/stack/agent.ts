import type * as pulumi from "@pulumi/pulumi";
import type { Applications } from "../applications/applications";
import { BackupAgent, type MonitoredAgent } from "../backupAgent/backupAgent";
import { type Backups, backupsOf } from "../backupAgent/backups";
import { Duplicati } from "../duplicati/duplicati";
import { agentUpload, UploadJob } from "../duplicati/uploadJob";
import type { StackContext } from "../kit/context";
import { needed } from "../kit/image";
import { serviceImage } from "../kit/serviceImage";
import type { ScheduledJob } from "../kit/job";
import type { PreparedPrimary } from "../preparedPrimary/preparedPrimary";
import type { DeclaredBackups } from "./backups";
import type { LaterbaseArgs } from "./laterbaseArgs";
import * as outputs from "./outputs";
import * as servers from "./servers";

interface AgentArgs extends Pick<LaterbaseArgs, "config" | "images" | "folder" | "drift"> {
  /** The stack, with the engine of the agent and Duplicati. */
  stack: StackContext;
  /** The primary. */
  server: servers.Server;
  /** What was prepared on it: among other things the role that dumps. */
  prepared: PreparedPrimary;
  /** The owners of the databases: dumps have them. Absent for an external primary. */
  applications?: Applications | undefined;
  /** What the agent needs to back up. Absent where there are no backups. */
  backups?: DeclaredBackups | undefined;
}

/** What a stack has with dumps or backups. */
interface Declared {
  /** What the scheduler starts. */
  jobs: ScheduledJob[];
  /** The stack output `backups`. */
  backups: outputs.DeclaredOutputs["backups"];
  /** What the monitor needs of the agent. Absent without an agent. */
  monitored?: MonitoredAgent;
  /** The stack output `duplicati`. */
  duplicati?: NonNullable<outputs.DeclaredOutputs["duplicati"]>;
}

/** Declares the agent, and Duplicati with its upload, as far as the configuration asks for them. */
export function declareAgent(args: AgentArgs, parent: pulumi.Resource): Declared {
  const { stack, config, folder, backups, applications } = args;
  const { dumps, duplicati } = config;
  if (!dumps && !backups) return { jobs: [], backups: {} };
  const place = dumps && backupsOf({ stack, path: dumps.path, folder }, parent);
  const storage = place && declareDuplicati(args, place, parent);
  const upload = storage && duplicati && agentUpload(stack, duplicati, storage);
  const role = servers.dumpRole(args.prepared, args.server.superuser);
  const agent = new BackupAgent(
    "agent",
    {
      stack,
      image: needed("agent", args.images.agent),
      version: config.primary.version,
      ...(dumps ? { dumps: { config: dumps, role } } : {}),
      ...(backups ? { backups: backups.settings, mounts: backups.mounts } : {}),
      place,
      primary: args.server.near,
      standby: servers.nearStandby(config, stack),
      upload,
      ...(config.health ? { monitored: { rotation: config.rotations?.["health"] } } : {}),
      after: [args.prepared, ...(applications?.steps ?? []), ...(backups ? [backups.ready] : [])],
    },
    { parent },
  );
  const made = {
    ...(backups ? outputs.backupsOutput(backups, agent, stack) : {}),
    ...(dumps && place ? { dumps: outputs.dumpsOutput(dumps, place, agent, stack) } : {}),
  };
  const declared = { backups: made, jobs: agent.jobs, monitored: agent };
  if (!storage || !duplicati) return declared;
  const own = { stack, config: duplicati, duplicati: storage, agent };
  const job = new UploadJob("duplicati", own, { parent });
  const jobs = [...agent.jobs, ...job.jobs];
  return { ...declared, jobs, duplicati: outputs.duplicatiOutput(storage) };
}

function declareDuplicati(
  { stack, config, images, drift }: AgentArgs,
  backups: Backups,
  parent: pulumi.Resource,
): Duplicati | undefined {
  if (!config.duplicati) return undefined;
  const own = { name: "duplicati", role: "duplicati", source: images.duplicati, stack } as const;
  const image = serviceImage(own, parent);
  const rotation = config.rotations?.["duplicati"];
  const about = { config: config.duplicati, rotation, drift: drift["owner"] };
  const declared = { stack, backups, image, ...about };
  return new Duplicati("duplicati", declared, { parent });
}
