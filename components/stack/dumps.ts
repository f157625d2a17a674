import type * as pulumi from "@pulumi/pulumi";
import { BackupAgent } from "../backupAgent/backupAgent";
import { type Backups, backupsOf } from "../backupAgent/backups";
import { Duplicati } from "../duplicati/duplicati";
import { agentUpload, UploadJob } from "../duplicati/uploadJob";
import type { StackContext } from "../kit/context";
import { needed } from "../kit/image";
import { serviceImage } from "../kit/serviceImage";
import type { ScheduledJob } from "../kit/job";
import type { PreparedPrimary } from "../preparedPrimary/preparedPrimary";
import type { LaterbaseArgs } from "./laterbaseArgs";
import * as outputs from "./outputs";
import * as servers from "./servers";

interface DumpsArgs extends Pick<LaterbaseArgs, "config" | "images" | "folder"> {
  /** The stack, with the engine of the agent and Duplicati. */
  stack: StackContext;
  /** The primary. */
  server: servers.Server;
  /** What was prepared on it: among other things the role that dumps. */
  prepared: PreparedPrimary;
}

/** What a stack has with dumps. */
interface Dumps {
  /** What the scheduler starts. */
  jobs: ScheduledJob[];
  /** The stack output `backups`. */
  backups: outputs.DeclaredOutputs["backups"];
  /** The stack output `duplicati`. */
  duplicati?: NonNullable<outputs.DeclaredOutputs["duplicati"]>;
}

/** Declares the agent, and Duplicati with its upload, as far as the configuration asks for them. */
export function declareDumps(args: DumpsArgs, parent: pulumi.Resource): Dumps {
  const { stack, config, folder } = args;
  const { dumps, duplicati } = config;
  if (!dumps) return { jobs: [], backups: {} };
  const backups = backupsOf({ stack, path: dumps.path, folder }, parent);
  const storage = declareDuplicati(args, backups, parent);
  const upload = storage && duplicati && agentUpload(stack, duplicati, storage);
  const agent = new BackupAgent(
    "agent",
    {
      stack,
      image: needed("agent", args.images.agent),
      version: config.primary.version,
      dumps: { config: dumps, role: servers.dumpRole(args.prepared, args.server.superuser) },
      place: backups,
      primary: args.server.near,
      standby: servers.nearStandby(config, stack),
      upload,
      after: [args.prepared],
    },
    { parent },
  );
  const made = { backups: { dumps: outputs.dumpsOutput(dumps, backups, agent, stack) } };
  if (!storage || !duplicati) return { ...made, jobs: agent.jobs };
  const own = { stack, config: duplicati, duplicati: storage, agent };
  const job = new UploadJob("duplicati", own, { parent });
  const jobs = [...agent.jobs, ...job.jobs];
  return { ...made, jobs, duplicati: outputs.duplicatiOutput(storage) };
}

function declareDuplicati(
  { stack, config, images }: DumpsArgs,
  backups: Backups,
  parent: pulumi.Resource,
): Duplicati | undefined {
  if (!config.duplicati) return undefined;
  const own = { name: "duplicati", role: "duplicati", source: images.duplicati, stack } as const;
  const image = serviceImage(own, parent);
  return new Duplicati(
    "duplicati",
    { stack, config: config.duplicati, backups, image },
    { parent },
  );
}
